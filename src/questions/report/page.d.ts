/**
 * The report's page without a report in it: `page.js` is made by `report-page.ts` of `src/web/report`, and not kept in
 * the repository.
 */
export const page: string;
