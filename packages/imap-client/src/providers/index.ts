/**
 * What is known of providers of mail, as data.
 * @module
 */
export { findProvider, type ProviderClues } from './find-provider.ts';
export { PROVIDERS } from './profiles.ts';
export type { Provider, ProviderQuirk } from './provider.ts';
export { type SpecialFolder, specialFolders } from './special-folders.ts';
