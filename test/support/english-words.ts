/** Words that are English, and no option, no SQL and no name in answers. */
export const ENGLISH_WORDS =
  /\b(?:the|of|and|is|are|was|which|with|from|in this|rows?|read|records?|segments|timelines?|committed|recover|needs|missing|problems?|give|cannot)\b/i;
