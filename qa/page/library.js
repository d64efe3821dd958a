// What the library holds: its reviews, which of them are asked, and the questions they suggest.

import { currentLanguage } from "./settings.js";

let reviews = [];
let suggestions = [];
let count = 0; // of all reviews; those of a large library are not all listed
let kinds = [];
let server;
const left = new Set(); // ids of the reviews that are not to be asked
const listeners = new Set();

export const allReviews = () => reviews;
export const reviewCount = () => count;
export const fileKinds = () => kinds;
export const isAsked = (id) => !left.has(id);

/** Return the ids of the reviews to ask; null for all of them. */
export const chosen = () => (left.size ? reviews.map(({ id }) => id).filter(isAsked) : null);

/** Return what may be asked of the chosen reviews, those of the given sections first. */
export function suggested(count, near = []) {
  const isNear = ({ review, section }) => near.some((place) => place.review === review && place.section === section);
  const offered = suggestions.filter(({ review, asked }) => isAsked(review) && asked.includes(currentLanguage()));
  return [...offered.filter(isNear), ...offered.filter((one) => !isNear(one))].slice(0, count);
}

/** Ask these reviews and no others. */
export function choose(ids) {
  left.clear();
  for (const { id } of reviews) if (!ids.includes(id)) left.add(id);
  changed();
}

/** Call `listener` with every change of the library or of what is asked, and now. */
export function onLibrary(listener) {
  listeners.add(listener);
  listener();
}

export function useServer(functions) {
  server = functions;
}

/** Learn what the library holds now; suggestions take longer and follow. */
export async function refresh() {
  const shelf = await server.shelf({});
  if (!shelf?.reviews) return; // the connection is gone again; it is told as it comes back
  ({ reviews, count, kinds } = shelf);
  for (const id of left) if (!reviews.some((review) => review.id === id)) left.delete(id);
  changed();
  suggestions = (await server.suggest({})) ?? [];
  changed();
}

function changed() {
  for (const listener of listeners) listener();
}
