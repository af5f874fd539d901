import { createPinia } from 'pinia'
import { createApp } from 'vue'
import * as z from 'zod'
import App from './App.vue'
import { router } from './router.ts'
import './styles/index.css'

// The page's content security policy forbids eval, which zod would otherwise probe for.
z.config({ jitless: true })

createApp(App).use(createPinia()).use(router).mount('#app')
