import { useState } from 'preact/hooks';
import type { IncidentJson, ReportJson } from '../../index.js';
import { Images } from './images.js';
import { Incidents } from './incidents.js';
import { OverTime } from './over-time.js';
import { Problems } from './problems.js';
import './report.css';
import { Summary } from './summary.js';
import { Timelines } from './timelines.js';
import { Writers } from './writers.js';

/**
 * What a report shows, within a page that has the settings. An incident that is chosen is so in the chart and the list.
 * @param props.isPart of a page that says already which cluster it is and how far its WAL goes
 */
export function Overview({ report, isPart = false }: { report: ReportJson; isPart?: boolean }) {
  const [selected, setSelected] = useState<IncidentJson>();
  return (
    <div class="overview">
      <Summary report={report} isPart={isPart} onShow={setSelected} />
      <OverTime report={report} selected={selected} onSelect={setSelected} />
      <Incidents answer={report.incidents} selected={selected} onShow={setSelected} />
      <Timelines report={report} />
      <Writers wal={report.wal} />
      <Images wal={report.wal} />
      <Problems report={report} />
    </div>
  );
}
