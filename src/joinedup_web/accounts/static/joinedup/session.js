// Tells people five minutes before a session that is left alone ends, and lets them go on. Without JavaScript the
// page "When you will be signed out" says the same; what was typed in is not touched either way.

const script = document.querySelector('#app-session')
const { stay } = script.dataset
const idle = Number(script.dataset.idle) * 1000
const WARNING = 5 * 60 * 1000
const main = document.querySelector('main')
let timer

const show = (heading, words, button) => {
  document.querySelector('#app-session-notice')?.remove()
  const notice = document.createElement('div')
  notice.id = 'app-session-notice'
  notice.className = 'govuk-notification-banner'
  notice.setAttribute('role', 'alert')
  notice.innerHTML = `<div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title">Important</h2></div>
    <div class="govuk-notification-banner__content"><p class="govuk-notification-banner__heading"></p><p class="govuk-body"></p></div>`
  notice.querySelector('.govuk-notification-banner__heading').textContent = heading
  notice.querySelector('.govuk-body').textContent = words
  if (button) notice.querySelector('.govuk-notification-banner__content').append(button)
  main.prepend(notice)
  notice.scrollIntoView({ block: 'nearest' })
}

const over = () => show('You have been signed out', 'You did not use the service for 30 minutes. Sign in again in another window, then go on here.')

const warn = () => {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'govuk-button govuk-!-margin-bottom-0'
  button.textContent = 'Stay signed in'
  button.addEventListener('click', async () => {
    const answer = await fetch(stay, { credentials: 'same-origin', redirect: 'manual' })
    if (answer.ok) {
      document.querySelector('#app-session-notice').remove()
      main.focus()
      start()
    } else over()
  })
  show('You will be signed out in 5 minutes', 'You have not used the service for some time. This keeps people’s data safe.', button)
  timer = setTimeout(over, WARNING)
}

const start = () => {
  clearTimeout(timer)
  timer = setTimeout(warn, Math.max(0, idle - WARNING))
}

start()
