import { createPinia } from 'pinia'
import { createApp } from 'vue'
import * as z from 'zod'
import { helpOtherWindows } from './access.ts'
import App from './App.vue'
import { client } from './client.ts'
import { router } from './router.ts'
import './styles/index.css'

// The page's content security policy forbids eval, which zod would otherwise probe for.
z.config({ jitless: true })

if (window.vitrine === undefined) {
  helpOtherWindows(() => client.app.newToken())
}

const app = createApp(App).use(createPinia()).use(router)
// The frame leads to where one was last unless the address names a place; so the address has to be read
// first.
void router.isReady().then(() => app.mount('#app'))
