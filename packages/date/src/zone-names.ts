/** Minutes east of UTC of the zones RFC 5322 names, and of those that mail names beside them. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['UT', 0],
  ['UTC', 0],
  ['GMT', 0],
  ['Z', 0],
  ['EST', -300],
  ['EDT', -240],
  ['CST', -360],
  ['CDT', -300],
  ['MST', -420],
  ['MDT', -360],
  ['PST', -480],
  ['PDT', -420],
  // Beyond the RFC: names that only one zone in common use goes by.
  ['WET', 0],
  ['WEST', 60],
  ['CET', 60],
  ['CEST', 120],
  ['MET', 60],
  ['MEST', 120],
  ['MEZ', 60],
  ['MESZ', 120],
  ['EET', 120],
  ['EEST', 180],
  ['MSK', 180],
  ['JST', 540],
  ['KST', 540],
  ['HKT', 480],
  ['AEST', 600],
  ['AEDT', 660],
  ['NZST', 720],
  ['NZDT', 780],
  ['AKST', -540],
  ['AKDT', -480],
  ['HST', -600],
  ['NST', -210],
  ['NDT', -150],
]);

/** Minutes east of UTC of a zone's name in any case, or undefined. @see RFC 5322 section 4.3 */
export function zoneOffset(name: string): number | undefined {
  return ZONES.get(name.toUpperCase());
}
