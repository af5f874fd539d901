import { onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'
import { onConnectionChange } from '../client.ts'
import type { ConnectionState } from '../connection.ts'

/** How the connection to main is, until the current scope ends. */
export function useConnectionState(): Readonly<Ref<ConnectionState>> {
  const state = ref<ConnectionState>('connecting')
  onScopeDispose(
    onConnectionChange((current) => {
      state.value = current
    }),
  )
  return state
}
