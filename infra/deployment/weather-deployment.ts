import { alertLogTable, alertRules, daily, stations } from '../../functions/weather/tables.ts';
import { rawLines } from '../../functions/weather/streams.ts';
import { measuredVolumes } from '../../functions/weather/measured-volumes.ts';
import { weather } from '../../functions/weather/topology.ts';
import type { DeploymentContext } from './context.ts';
import type { PipelineDeployment } from './pipeline-deployment.ts';

const MAIL = 'weather-mail';

/** The deployment of the weather pipeline. */
export const weatherDeployment = ({ graceDays, alertEmail }: DeploymentContext): PipelineDeployment => ({
  topology: weather({ graceDays }),
  settings: { 'weather/assemble': { WEATHER_GRACE_DAYS: String(graceDays) } },
  addresses: { [MAIL]: alertEmail },
  api: {
    tables: [daily.name, alertLogTable.name],
    references: [alertRules.name, stations.name],
    edited: [alertRules.name],
    routes: [
      { method: 'GET', path: '/tables/{proxy+}' },
      { method: 'GET', path: '/alerts' },
      ...(['/rules', '/rules/{proxy+}'] as const).flatMap((path) =>
        (['GET', 'PUT', 'DELETE'] as const).map((method) => ({ method, path })),
      ),
    ],
  },
  volumes: measuredVolumes,
  rawStream: rawLines.name,
  alertTopic: MAIL,
});
