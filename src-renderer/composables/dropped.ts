/**
 * A folder or file that a person drops anywhere on the window. Electron says where it lies; a browser keeps that to
 * itself and says what it is called, or, where text was dropped, what the text says.
 */
import { useEventListener } from '@vueuse/core'
import { ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'

export interface Dropped {
  name: string
  /** Null: the browser does not say. */
  path: string | null
}

/** What was dropped and is not taken up yet. */
export const dropped: ShallowRef<Dropped | null> = shallowRef(null)

/** Takes drops up from now on; whether something is held over the window. */
export function useDrops(): Readonly<Ref<boolean>> {
  const over = ref(false)
  const isOfDisk = ({ dataTransfer }: DragEvent): boolean =>
    dataTransfer?.types.some((type) => type === 'Files' || type === 'text/uri-list') ?? false
  useEventListener(window, 'dragover', (event) => {
    if (isOfDisk(event)) {
      // Else the browser would leave the page for what is dropped.
      event.preventDefault()
      over.value = true
    }
  })
  useEventListener(window, 'dragleave', (event) => {
    if (event.relatedTarget === null) {
      over.value = false
    }
  })
  useEventListener(window, 'drop', (event) => {
    over.value = false
    if (isOfDisk(event)) {
      event.preventDefault()
      dropped.value = droppedBy(event.dataTransfer)
    }
  })
  return over
}

function droppedBy(transfer: DataTransfer | null): Dropped | null {
  const [file] = transfer?.files ?? []
  if (file !== undefined) {
    const path = window.vitrine?.pathOf(file) ?? ''
    return { name: file.name, path: path === '' ? null : path }
  }
  const address = transfer
    ?.getData('text/uri-list')
    .split(/\r?\n/)
    .find((line) => line.startsWith('file:'))
  return address === undefined
    ? null
    : { name: decodeURIComponent(address.split('/').at(-1) ?? ''), path: address }
}
