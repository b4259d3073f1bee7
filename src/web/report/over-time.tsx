import { LineChart, ScatterChart } from 'echarts/charts';
import {
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { type EChartsType, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { IncidentJson, OverTimeJson, ReportJson } from '../../index.js';
import { Chart, type OptionOf } from '../chart.js';
import { useSettings } from '../settings.js';
import { bytesText } from '../tooltip.js';
import { eventsOf, layersOf, Steps } from './over-time-data.js';
import { heightOf, overTimeOption, scaleTo, type TimeRange } from './over-time-option.js';
import { EventTable, RmgrTable, StepTable } from './over-time-tables.js';

use([
  LineChart,
  ScatterChart,
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

interface OverTimeProps {
  report: ReportJson;
  selected: IncidentJson | undefined;
  onSelect: (incident: IncidentJson) => void;
}

export function OverTime(props: OverTimeProps) {
  const { t, format } = useSettings();
  const { wal } = props.report;
  return (
    <section aria-labelledby="over-time">
      <h2 id="over-time">{t('report.overTime.heading')}</h2>
      {wal.overTime === null ? (
        <p>{t('report.overTime.noTime')}</p>
      ) : (
        <>
          <p class="muted">
            {t('report.overTime.intro', { step: format.duration(wal.overTime.stepSeconds) })}
          </p>
          {wal.overTime.elsewhere !== null && (
            <p>
              {t('report.overTime.elsewhere', {
                from: format.time(wal.overTime.elsewhere.from),
                to: format.time(wal.overTime.elsewhere.to),
                size: bytesText(
                  wal.overTime.elsewhere.recordBytes + wal.overTime.elsewhere.imageBytes,
                  format,
                ),
              })}
            </p>
          )}
          <TimeChart {...props} overTime={wal.overTime} />
        </>
      )}
      <RmgrTable rmgrs={wal.rmgrs} />
      {wal.overTime !== null && <StepTable overTime={wal.overTime} />}
      <EventTable wal={wal} />
    </section>
  );
}

/** How many steps are shown beside an incident. */
const AROUND = 12;

function TimeChart(props: OverTimeProps & { overTime: OverTimeJson }) {
  const { report, overTime, selected, onSelect } = props;
  const { t, format, zone } = useSettings();
  const steps = useMemo(() => new Steps(overTime), [overTime]);
  const layers = useMemo(() => layersOf(overTime), [overTime]);
  const events = useMemo(() => eventsOf(report, steps), [report, steps]);
  const whole: TimeRange = [steps.start, steps.end];
  const [shown, setShown] = useState(whole);
  const chart = useRef<EChartsType>(null);
  const section = useRef<HTMLDivElement>(null);
  const range = useRef(whole);
  const choose = useRef(onSelect);
  choose.current = onSelect;

  const option = useCallback<OptionOf>(
    (palette, isNarrow, width) =>
      overTimeOption({
        ...{ report, overTime, steps, layers, events, selected, palette, isNarrow, width, t, format, zone },
        range: range.current,
      }),
    [report, overTime, selected, t, format],
  );

  const onReady = (made: EChartsType) => {
    chart.current = made;
    made.on('click', ({ data }) => {
      const index = (data as { incident?: number } | undefined)?.incident;
      if (index !== undefined) choose.current(report.incidents.incidents[index]);
    });
    made.on('datazoom', () => {
      const [zoom] = (made.getOption() as { dataZoom: { startValue: number; endValue: number }[] }).dataZoom;
      range.current = [zoom.startValue, zoom.endValue];
      made.setOption(scaleTo(range.current, overTime, steps));
      setShown(range.current);
    });
  };

  const zoomTo = ([from, to]: TimeRange) => {
    const length = Math.min(Math.max(to - from, 2 * steps.length), steps.end - steps.start);
    const startValue = Math.min(Math.max((from + to - length) / 2, steps.start), steps.end - length);
    chart.current?.dispatchAction({ type: 'dataZoom', startValue, endValue: startValue + length });
  };
  /** Around the middle by a factor, and to the side by a part of what is shown. */
  const move = (factor: number, aside: number) => {
    const [from, to] = range.current;
    const half = ((to - from) * factor) / 2;
    const middle = (from + to) / 2 + aside * (to - from);
    zoomTo([middle - half, middle + half]);
  };
  const moves: [keys: string[], text: string, run: () => void][] = [
    [['+', '='], t('report.overTime.zoomIn'), () => move(0.5, 0)],
    [['-', '_'], t('report.overTime.zoomOut'), () => move(2, 0)],
    [['ArrowLeft'], t('report.overTime.earlier'), () => move(1, -0.25)],
    [['ArrowRight'], t('report.overTime.later'), () => move(1, 0.25)],
    [['0'], t('report.overTime.all'), () => zoomTo(whole)],
  ];
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const found = moves.find(([keys]) => keys.includes(event.key));
    if (found === undefined) return;
    event.preventDefault();
    found[2]();
  };

  useEffect(() => {
    if (selected === undefined) return;
    const time = Date.parse(selected.time);
    zoomTo([time - AROUND * steps.length, time + AROUND * steps.length]);
    section.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  return (
    <div class="over-time" ref={section}>
      {/* biome-ignore lint/a11y: a fieldset has no use for keys, and this has keys */}
      <div
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it has keys
        tabIndex={0}
        aria-label={t('report.overTime.zoomLabel')}
        aria-describedby="keys"
        onKeyDown={onKeyDown}
      >
        <Chart
          option={option}
          height={heightOf(events.size)}
          label={t('report.overTime.chartLabel')}
          onReady={onReady}
        />
      </div>
      <div class="zoom">
        {moves.map(([, text, run]) => (
          <button key={text} type="button" onClick={run}>
            {text}
          </button>
        ))}
        <span aria-live="polite">
          {t('report.overTime.shown', { from: format.time(shown[0]), to: format.time(shown[1]) })}
        </span>
      </div>
      <p id="keys" class="muted keys">
        {t('report.overTime.keys')}
      </p>
    </div>
  );
}
