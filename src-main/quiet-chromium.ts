/**
 * What keeps Chromium, as Electron or as a browser's window, from calling its makers or anybody: it shows
 * pages of this machine only. That it can resolve no name is what counts; the others keep it from trying.
 */

/** Switches of its command line, with their values; null: a switch without one. */
export const QUIET_SWITCHES: Readonly<Record<string, string | null>> = {
  // No proxy either, which would resolve names by itself.
  'host-resolver-rules': 'MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  'no-proxy-server': null,
  'disable-background-networking': null,
  'disable-breakpad': null,
  'disable-client-side-phishing-detection': null,
  'disable-component-update': null,
  'disable-default-apps': null,
  'disable-domain-reliability': null,
  'disable-sync': null,
  'metrics-recording-only': null,
  'no-pings': null,
  'disable-features':
    'AutofillServerCommunication,CertificateTransparencyComponentUpdater,MediaRouter,OptimizationHints,Translate',
}
