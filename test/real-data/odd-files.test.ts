import { checkRealWeather, csvLines, dlyLines, WEATHER_LISTS } from '../support/check-real-weather.ts';
import { describeWithData } from '../support/real-data.ts';

describeWithData('files with dirt of their own', ['ghcnd/1872-world.csv.gz', ...WEATHER_LISTS], (file) => {
  checkRealWeather('1872, not in the order of dates', file, csvLines);
});

describeWithData('files of many countries', ['ghcnd/20030101-world.csv.gz', ...WEATHER_LISTS], (file) => {
  checkRealWeather('one day of the world, with stations no list knows', file, csvLines);
});

describeWithData('files of many years', ['ghcnd/1960-2018-uk-scotland.csv.gz', ...WEATHER_LISTS], (file) => {
  checkRealWeather('Scotland, with lowest above highest temperatures', file, csvLines);
});

describeWithData(
  'files of fixed width',
  ['ghcnd/dly/USC00028815.dly.gz', 'ghcnd/dly/USC00026796.dly.gz', ...WEATHER_LISTS],
  (one, other) => {
    checkRealWeather('USC00028815 in monthly lines', one, dlyLines, ['--format', 'ghcn-dly']);
    checkRealWeather('USC00026796 in monthly lines', other, dlyLines, ['--format', 'ghcn-dly']);
  },
);
