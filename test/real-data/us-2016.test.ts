import { checkRealWeather, csvLines, WEATHER_LISTS } from '../support/check-real-weather.ts';
import { describeWithData } from '../support/real-data.ts';

describeWithData('the United States in 2016', ['ghcnd/2016-us-hcn.csv.gz', ...WEATHER_LISTS], (file) => {
  checkRealWeather('1,070,184 lines', file, csvLines);
});
