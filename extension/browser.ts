/** The one place where the extension API comes in: promises and the same names in Chrome and Firefox. */
export { default as browser } from 'webextension-polyfill'
