import { shallowRef } from 'vue'

/** What the import dialog is to open with, filled in: chosen before there was a project, or dropped on the window. */
export const toImport = shallowRef<{ videos: string; captions: string } | null>(null)
