/**
 * Node's flags for an engine process that a debugger can attach to: at the port of this machine that
 * VITRINE_INSPECT_ENGINE names. None when it names none.
 */
export function inspectorFlags(): string[] {
  const port = process.env['VITRINE_INSPECT_ENGINE']
  return port ? [`--inspect=127.0.0.1:${port}`] : []
}
