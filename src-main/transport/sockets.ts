/** The contract over WebSockets, as a browser's window uses it, once the window is known (access.ts). */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnyRouter } from '@orpc/server'
import { RequestHeadersPlugin } from '@orpc/server/plugins'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { hello, REFUSED_CODE, SOCKET_PROTOCOL } from '#contract'
import type { Access } from './access.ts'

/** Calls carry settings and texts; big data goes by file or media URL. */
const MAX_MESSAGE_BYTES = 8 << 20
const HEARTBEAT_MS = 30_000
/** A window says at once who it is; whoever doesn't has no business here. */
const HELLO_WITHIN_MS = 10_000

interface Sockets {
  /** Makes a WebSocket of a request that may have one. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Resolves when a page has been connected and none has been for `graceMs`. */
  abandoned(graceMs: number): Promise<void>
  close(): void
}

export function createSockets(router: AnyRouter, access: Access): Sockets {
  const calls = new RPCHandler(router, { plugins: [new RequestHeadersPlugin()] })
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(SOCKET_PROTOCOL) && SOCKET_PROTOCOL,
  })
  const windows = new Set<WebSocket>()
  const onComeOrGone = new Set<() => void>()
  let wasVisited = false
  server.on('connection', (socket) => {
    // A message that is too big or malformed: ws closes the connection itself, and the window reconnects.
    socket.on('error', (error) => {
      console.error(`A connection ended: ${error.message}`)
    })
    letIn(socket, access)
      .then((isKnown) => {
        if (isKnown) {
          serveCalls(socket)
        } else {
          socket.close(REFUSED_CODE, 'This window is not known.')
        }
      })
      .catch(() => {
        socket.terminate()
      })
  })

  function serveCalls(socket: WebSocket): void {
    wasVisited = true
    windows.add(socket)
    tellComeOrGone()
    socket.on('close', () => {
      windows.delete(socket)
      tellComeOrGone()
    })
    void calls.upgrade(socket)
  }
  function tellComeOrGone(): void {
    for (const listener of [...onComeOrGone]) {
      listener()
    }
  }
  const stopHeartbeat = startHeartbeat(server)

  return {
    accept(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) =>
        server.emit('connection', webSocket, request),
      )
    },
    abandoned: (graceMs) =>
      new Promise((resolve) => {
        let leaving: NodeJS.Timeout | undefined
        const watch = (): void => {
          clearTimeout(leaving)
          if (wasVisited && windows.size === 0) {
            leaving = setTimeout(() => {
              onComeOrGone.delete(watch)
              resolve()
            }, graceMs)
          }
        }
        onComeOrGone.add(watch)
        // All may have gone before.
        watch()
      }),
    close() {
      stopHeartbeat()
      for (const socket of server.clients) {
        socket.terminate()
      }
    },
  }
}

/**
 * Whether the window at the other end may make calls; it is told what it needs then. Rejects when it says
 * nothing that makes sense, or nothing in time.
 */
async function letIn(socket: WebSocket, access: Access): Promise<boolean> {
  const nonce = access.createNonce()
  socket.send(JSON.stringify({ nonce }))
  const [message] = (await once(socket, 'message', {
    signal: AbortSignal.timeout(HELLO_WITHIN_MS),
  })) as [Buffer]
  const welcome = access.answer(hello.parse(JSON.parse(message.toString())), nonce)
  if (welcome !== null) {
    socket.send(JSON.stringify(welcome))
  }
  return welcome !== null
}

/** Ends connections whose other end does not answer any more; returns the way to stop. */
function startHeartbeat(server: WebSocketServer): () => void {
  const answered = new WeakSet<WebSocket>()
  server.on('connection', (socket) => {
    answered.add(socket)
    socket.on('pong', () => answered.add(socket))
  })
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (answered.delete(socket)) {
        socket.ping()
      } else {
        socket.terminate()
      }
    }
  }, HEARTBEAT_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
