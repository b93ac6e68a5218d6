// Reads the server's streamed answers.

/** An answer that the server refused, or that broke off; its message is a sentence for a person. */
export class ApiError extends Error {
  /** @param {number} status Of HTTP; 0 where the server was not reached, or the answer had begun. */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Posts a JSON object, and returns the response, which is a success. */
export async function post(path, body, signal) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    throw signal?.aborted ? error : new ApiError("The server cannot be reached: is it still running?", 0);
  }

  if (!response.ok) {
    throw new ApiError(await sentenceOf(response), response.status);
  }

  return response;
}

/** The events of a streamed answer, each as an object. */
export async function* streamed(path, body, signal) {
  const response = await post(path, { ...body, stream: true }, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }

      const events = (held + value).split("\n\n");
      held = events.pop();
      for (const event of events) {
        const data = event.split("\n").filter(line => line.startsWith("data: ")).map(line => line.slice(6)).join("\n");
        if (data === "[DONE]") {
          return;
        }

        const told = JSON.parse(data);
        if (told.error) {
          throw new ApiError(told.error.message, 0);
        }

        yield told;
      }
    }
  } catch (error) {
    throw signal?.aborted || error instanceof ApiError ? error : new ApiError("The connection to the server broke off.", 0);
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function sentenceOf(response) {
  if (response.status === 401) {
    return "The session is over: load this page again to sign in.";
  }

  try {
    return (await response.json()).error.message;
  } catch {
    return `The server answered with status ${response.status}.`;
  }
}
