import { weather } from './functions/weather/pipeline.ts';
import { defineConfig } from './shared/pipeline/config.ts';

export default defineConfig({ pipelines: [weather] });
