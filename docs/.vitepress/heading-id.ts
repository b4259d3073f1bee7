/**
 * The id of a heading as GitHub makes it: small letters, what is neither letter, digit, `_`, `-` nor a space left out,
 * spaces made hyphens. So a link to a part of a page leads there on GitHub and in the site.
 */
export const headingId = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
