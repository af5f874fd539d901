/**
 * The bridge between the sandboxed window and main, and all of it: the page asks for a MessagePort, main
 * sends one, it is passed on; and asks where what a person dropped on it lies. Everything else travels over that port
 * under the contract.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'

/** The page's window; the main side's type library, which this file is checked with, has none. */
declare const window: {
  location: { origin: string }
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void
}

contextBridge.exposeInMainWorld('vitrine', {
  connect: () => {
    ipcRenderer.send('vitrine:connect')
  },
  /** Where a file or folder lies that a person dropped on the window; empty: it is none of the disk's. */
  pathOf: (file: Parameters<typeof webUtils.getPathForFile>[0]) => webUtils.getPathForFile(file),
})

// A MessagePort cannot pass contextBridge; a window message carries it into the page's world, and to no other
// page that might be in its place by then.
ipcRenderer.on('vitrine:port', (event) => {
  window.postMessage('vitrine:port', window.location.origin, event.ports)
})
