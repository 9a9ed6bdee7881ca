import { checkRealWeather, csvLines, WEATHER_LISTS } from '../support/check-real-weather.ts';
import { describeWithData } from '../support/real-data.ts';

describeWithData('the United States in 2015', ['ghcnd/2015-us-hcn.csv.gz', ...WEATHER_LISTS], (file) => {
  checkRealWeather('1,056,759 lines', file, csvLines);
});
