import { weather } from './functions/weather/pipeline.ts';
import { weblog } from './functions/weblog/pipeline.ts';
import { wordcount } from './functions/wordcount/pipeline.ts';
import { defineConfig } from './shared/pipeline/config.ts';

export default defineConfig({ pipelines: [weather, weblog, wordcount] });
