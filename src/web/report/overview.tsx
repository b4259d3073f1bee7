import type { ReportJson } from '../../index.js';
import { Summary } from './summary.js';
import './report.css';

/** What a report shows, within a page that has the settings. */
export function Overview({ report }: { report: ReportJson }) {
  return (
    <div class="overview">
      <Summary report={report} />
    </div>
  );
}
