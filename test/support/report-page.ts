/** Packages that are in the page of every report. */
export const IN_REPORT_PAGE = ['echarts', 'i18next', 'preact', 'zrender'];
