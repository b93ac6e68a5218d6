// Asks servers by clients of npm, all at once, and prints what came back as JSON: all.mjs CHAT_URL CHAT_MODEL AGENT_URL AGENT_MODEL
// The first is a model that says anything, the second an agent that has learned to calculate 6-2 and 3-2, and to finish.
import aiSdk from "./ai-sdk.mjs";
import langchain from "./langchain.mjs";
import openai from "./openai.mjs";
import openaiAgents from "./openai-agents.mjs";

const [chatURL, chatModel, agentURL, agentModel] = process.argv.slice(2);
const chat = { baseURL: chatURL, model: chatModel };
const agent = { baseURL: agentURL, model: agentModel };
const clients = { openai, aiSdk, langchain, openaiAgents };
const said = await Promise.all(Object.entries(clients).map(async ([name, ask]) => {
    try {
        return [name, await ask(chat, agent)];
    } catch (error) {
        return [name, { failed: error?.stack ?? String(error) }];
    }
}));
console.log(JSON.stringify(Object.fromEntries(said)));
