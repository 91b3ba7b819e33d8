// Asks the browser for a passkey, and sends its answer with the form. Shown only where passkeys are there.

const decode = (text) => {
  const padded = text.replace(/-/g, '+').replace(/_/g, '/').padEnd(Math.ceil(text.length / 4) * 4, '=')
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0))
}
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

const withBytes = (options) => {
  const asked = { ...options, challenge: decode(options.challenge) }
  if (options.user) asked.user = { ...options.user, id: decode(options.user.id) }
  for (const name of ['allowCredentials', 'excludeCredentials']) {
    if (options[name]) asked[name] = options[name].map((each) => ({ ...each, id: decode(each.id) }))
  }
  return asked
}

const asText = (credential) => {
  const { response } = credential
  const answer = { clientDataJSON: encode(response.clientDataJSON) }
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) answer[name] = encode(response[name])
  }
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    response: answer,
    clientExtensionResults: credential.getClientExtensionResults()
  })
}

const ask = async (form) => {
  const answer = await fetch(form.dataset.options, { method: 'POST', body: new FormData(form), credentials: 'same-origin' })
  if (!answer.ok) throw new Error('options')
  const publicKey = withBytes(await answer.json())
  return form.dataset.passkey === 'create'
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey })
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false
    const problem = form.querySelector('[data-passkey-problem]')
    let done = false
    form.addEventListener('submit', async (event) => {
      if (done) return
      event.preventDefault()
      problem.textContent = ''
      try {
        form.elements.credential.value = asText(await ask(form))
        done = true
        form.submit()
      } catch (fault) {
        problem.textContent =
          fault.name === 'InvalidStateError'
            ? 'This device has a passkey for your account already.'
            : 'The passkey was not used. Try again, or choose another way.'
      }
    })
  }
}
