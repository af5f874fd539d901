/**
 * The desktop shell: Electron's window over the same services, with the contract over a MessagePort and files
 * by the scheme vitrine://app/. Every page is sandboxed, goes nowhere else and asks nobody; it opens a window with the
 * docs, the page of an export in the person's browser, and nothing else.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron'
import type { IpcMainEvent, Rectangle, Session, WebContents } from 'electron'
import * as z from 'zod'
import { PAGE_ADDRESS } from '#contract'
import type { Client } from '#contract'
import { someOf } from './common/text.ts'
import { toFailure } from './common/to-failure.ts'
import { compose } from './compose.ts'
import type { Application } from './compose.ts'
import type { EngineProcess, EngineSettings } from './engine-host/client.ts'
import type { FromEngine } from './engine-host/contract/index.ts'
import { heapEnvironment } from './engine-host/heap.ts'
import { inspectorFlags } from './engine-host/inspector.ts'
import { writeFileAtomic } from './formats/atomic.ts'
import { openAtStart } from './open-at-start.ts'
import { docsDir, engineEntry, preload, rendererDir, userFolder } from './paths.ts'
import { QUIET_SWITCHES } from './quiet-chromium.ts'
import { createLocalClient, createRouter } from './router.ts'
import { servePort } from './transport/port.ts'
import { createResponder, DOCS_PATH } from './transport/respond.ts'

const SCHEME = 'vitrine'
const PAGE = `${SCHEME}://app/`
const EXPORTED_PAGE = new URL(PAGE_ADDRESS, PAGE).href
const DOCS = `${SCHEME}://app${DOCS_PATH}`
/** What a page may do that browsers ask about: copy text, and show a video on the whole screen. */
const PERMISSIONS = new Set(['clipboard-sanitized-write', 'fullscreen'])

/** What the page may load; developer tools have schemes of their own. */
const LOADABLE = new Set([`${SCHEME}:`, 'blob:', 'data:', 'devtools:', 'chrome-devtools:'])
/** Of every window. */
const SAFE_PREFERENCES = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  webSecurity: true,
  spellcheck: false,
}
/** A page that ends so often within so long won't get better by another try. */
const CRASHES = { most: 3, withinMs: 60_000 }

/** What another instance that is started hands to the running one, before it ends. */
const launch = z.object({ project: z.string().nullable() })

const windowState = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400),
  height: z.number().int().min(300),
  maximized: z.boolean(),
})
const windowStateFile = (): string => join(userFolder(), 'window.json')

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
])

/** Does nothing before there are any. */
let openExportedPage = (): void => {}

// Before it is ready: both hold for every process from the first one on.
app.enableSandbox()
for (const [name, value] of Object.entries(QUIET_SWITCHES)) {
  app.commandLine.appendSwitch(name, value ?? undefined)
}
app.on('web-contents-created', (_event, contents) => {
  keepInPlace(contents)
})

// The arguments that Electron passes on are interspersed with its own; and a path is meant from where it was
// typed.
if (
  app.requestSingleInstanceLock({ project: projectArgument(process.argv) } satisfies z.infer<typeof launch>)
) {
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      showFailure('Vitrine could not start', error)
      app.exit(1)
    })
} else {
  app.quit()
}

async function start(): Promise<void> {
  const application = compose({ home: userFolder(), startEngine: startUtilityEngine, shell: 'electron' })
  openExportedPage = () => {
    showExportedPage(application)
  }
  const client = createLocalClient(application)
  const quitting = closeBeforeQuit(application)
  await openAtStart(client, projectArgument(process.argv)).catch((error: unknown) => {
    showFailure('The project was not opened', error)
  })
  serveFiles(application)
  serveCalls(application)
  restrict(session.defaultSession)
  if (process.platform !== 'darwin') {
    Menu.setApplicationMenu(null)
  }

  const window = createWindow()
  app.on('second-instance', (_event, _argv, _folder, handedOver) => {
    if (window.isMinimized()) {
      window.restore()
    }
    window.focus()
    const { project } = launch.parse(handedOver)
    if (project !== null) {
      openAsking(application, client, project).catch((error: unknown) => {
        showFailure('The project was not opened', error)
      })
    }
  })
  window.on('close', (event) => {
    if (!quitting.mayQuit()) {
      event.preventDefault()
    }
  })
  // The docs alone are no reason to go on.
  window.on('closed', () => {
    app.quit()
  })
  app.on('window-all-closed', () => {
    app.quit()
  })
  await window.loadURL(PAGE)
}

/** Opens the page of the last export with the person's browser, which knows nothing of this program. */
function showExportedPage({ exportedPage }: Application): void {
  const page = exportedPage()
  if (page === null) {
    return
  }
  shell
    .openPath(page)
    .then((problem) => {
      if (problem !== '') {
        dialog.showErrorBox('The page was not opened', `${page}\n\n${problem}`)
      }
    })
    .catch((error: unknown) => {
      showFailure('The page was not opened', error)
    })
}

/** The page's own files and clips' media, by the scheme. */
function serveFiles(application: Application): void {
  const respond = createResponder(
    { window: rendererDir, docs: docsDir },
    application.mediaFile,
    application.exportedPage,
  )
  protocol.handle(SCHEME, (request) =>
    new URL(request.url).host === 'app'
      ? respond(request)
      : Promise.resolve(new Response(null, { status: 404 })),
  )
}

/** The contract, over a port that the page asks for. */
function serveCalls(application: Application): void {
  const router = createRouter(application)
  ipcMain.on('vitrine:connect', (event: IpcMainEvent) => {
    const frame = event.senderFrame
    if (frame === null || frame.parent !== null || !isWindow(frame.url)) {
      return
    }
    const { port1, port2 } = new MessageChannelMain()
    servePort(router, port1)
    frame.postMessage('vitrine:port', null, [port2])
  })
}

/**
 * No more permissions than a few, no devices, no dictionaries to fetch, no requests but for the page's own.
 */
function restrict(pages: Session): void {
  pages.setPermissionRequestHandler((_contents, permission, allow) => {
    allow(PERMISSIONS.has(permission))
  })
  pages.setPermissionCheckHandler((_contents, permission) => PERMISSIONS.has(permission))
  pages.setDevicePermissionHandler(() => false)
  pages.setSpellCheckerEnabled(false)
  pages.webRequest.onBeforeRequest(({ url }, answer) => {
    answer({ cancel: !LOADABLE.has(new URL(url).protocol) })
  })
}

/** Whether an address is the window's. The docs are read, and talk to nobody. */
const isWindow = (url: string): boolean => url.startsWith(PAGE) && !url.startsWith(DOCS)

/**
 * A page stays where it is, whoever made it: it goes nowhere, embeds no other page, and opens no window but one with the
 * docs, which has no bridge to main. The page of an export is shown by the person's browser.
 */
function keepInPlace(contents: WebContents): void {
  const refuse = (event: { preventDefault(): void }): void => {
    event.preventDefault()
  }
  contents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith(DOCS)) {
      return {
        action: 'allow',
        overrideBrowserWindowOptions: { width: 1200, height: 860, webPreferences: SAFE_PREFERENCES },
      }
    }
    if (url === EXPORTED_PAGE) {
      openExportedPage()
    }
    return { action: 'deny' }
  })
  contents.on('will-navigate', refuse)
  contents.on('will-frame-navigate', refuse)
  contents.on('will-redirect', refuse)
  contents.on('will-attach-webview', refuse)
}

function createWindow(): BrowserWindow {
  const { maximized, ...bounds } = readWindowState()
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Vitrine',
    webPreferences: { preload, ...SAFE_PREFERENCES },
  })
  if (maximized) {
    window.maximize()
  }
  window.once('ready-to-show', () => {
    window.show()
  })
  window.on('close', () => {
    saveWindowState(window)
  })
  reloadAfterCrashes(window.webContents)
  return window
}

/** A page that crashed is shown again; one that keeps crashing ends the program, which says so. */
function reloadAfterCrashes(contents: WebContents): void {
  let crashes: number[] = []
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') {
      return
    }
    const now = Date.now()
    crashes = [...crashes.filter((time) => now - time < CRASHES.withinMs), now]
    if (crashes.length < CRASHES.most) {
      contents.reload()
      return
    }
    dialog.showErrorBox(
      'Vitrine ends: its window crashed again and again',
      `The last time it was "${reason}". Nothing that was saved is lost. Start Vitrine again; if that does not help, use ` +
        'it in a browser: vitrine serve.',
    )
    app.quit()
  })
}

/** Where the window was is a comfort: failing to note it must not keep it from closing. */
function saveWindowState(window: BrowserWindow): void {
  const state = { ...window.getNormalBounds(), maximized: window.isMaximized() }
  writeFileAtomic(windowStateFile(), JSON.stringify(state)).catch((error: unknown) => {
    console.error(error)
  })
}

/** The last bounds, where a display still shows them; else a default size. */
function readWindowState(): Partial<Rectangle> & { width: number; height: number; maximized: boolean } {
  const state = savedWindowState()
  return state !== null && isVisible(state) ? state : { width: 1440, height: 900, maximized: false }
}

/** Null where none was saved, or what was saved is no such state. */
function savedWindowState(): z.infer<typeof windowState> | null {
  try {
    return windowState.parse(JSON.parse(readFileSync(windowStateFile(), 'utf8')))
  } catch {
    return null
  }
}

function isVisible(bounds: Rectangle): boolean {
  const { workArea } = screen.getDisplayMatching(bounds)
  return (
    bounds.x < workArea.x + workArea.width &&
    bounds.x + bounds.width > workArea.x &&
    bounds.y < workArea.y + workArea.height &&
    bounds.y + bounds.height > workArea.y
  )
}

/** The engine as Electron's utility process. */
function startUtilityEngine({ quiet = false }: EngineSettings = {}): EngineProcess {
  const child = utilityProcess.fork(engineEntry, [], {
    serviceName: 'Vitrine engine',
    stdio: quiet ? 'ignore' : 'inherit',
    execArgv: quiet ? [] : inspectorFlags(),
    env: { ...process.env, ...heapEnvironment },
  })
  return {
    get pid() {
      return child.pid
    },
    postMessage: (message) => {
      child.postMessage(message)
    },
    onMessage: (listener) => {
      child.on('message', (message: FromEngine) => {
        listener(message)
      })
    },
    onExit: (listener) => {
      child.once('exit', (code) => {
        listener({ code, signal: null })
      })
    },
    // Native code that is stuck ignores the polite signal that child.kill() sends.
    kill: () => {
      if (child.pid === undefined) {
        child.kill()
      } else {
        process.kill(child.pid, 'SIGKILL')
      }
    },
  }
}

/**
 * Ends jobs, engine and project before Electron quits, unless the person would rather let jobs go on: `mayQuit`
 * asks, and asks no more once it was agreed to.
 */
function closeBeforeQuit(application: Application): { mayQuit(): boolean } {
  let state: 'open' | 'agreed' | 'closing' | 'closed' = 'open'
  const mayQuit = (): boolean => {
    if (state === 'open' && mayStopJobs(application, 'Stop and quit')) {
      state = 'agreed'
    }
    return state !== 'open'
  }
  app.on('before-quit', (event) => {
    if (state === 'closed') {
      return
    }
    event.preventDefault()
    if (state === 'closing' || !mayQuit()) {
      return
    }
    state = 'closing'
    application
      .close()
      .catch((error: unknown) => {
        console.error(error)
      })
      .finally(() => {
        state = 'closed'
        app.quit()
      })
  })
  return { mayQuit }
}

/** Opens a project in place of the open one; where that would stop jobs, the person is asked. */
async function openAsking(application: Application, client: Client, path: string): Promise<void> {
  try {
    await client.project.open({ path })
  } catch (error) {
    if (toFailure(error).key !== 'project.jobsAtWork') {
      throw error
    }
    if (mayStopJobs(application, 'Stop and open')) {
      await client.project.open({ path, stopJobs: true })
    }
  }
}

/** Whether jobs that are not done may be stopped; true where there are none. `stop` is the button that says so. */
function mayStopJobs(application: Application, stop: string): boolean {
  const active = application.jobs.active()
  if (active.length === 0) {
    return true
  }
  const choice = dialog.showMessageBoxSync({
    type: 'question',
    title: 'Vitrine',
    message: `Not done yet: ${someOf(active.map(({ title }) => title))}.`,
    detail: 'Stopped, a training can go on from its last checkpoint; other work begins anew.',
    buttons: ['Let it go on', stop],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  })
  return choice === 1
}

/**
 * The path of the project among the arguments: the first one after Electron's own and the application's
 * folder.
 */
function projectArgument(argv: string[]): string | null {
  const project = argv.slice(app.isPackaged ? 1 : 2).find((argument) => !argument.startsWith('-'))
  return project === undefined ? null : resolve(project)
}

function showFailure(title: string, error: unknown): void {
  const { message, remedy } = toFailure(error)
  dialog.showErrorBox(title, remedy === null ? message : `${message}\n\n${remedy}`)
}
