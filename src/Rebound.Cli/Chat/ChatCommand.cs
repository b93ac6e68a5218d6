using Rebound.Cli.Chat;
using Rebound.Cli.Options;

namespace Rebound.Cli.Chat;

/// <summary><c>rebound chat</c>: talks to a model, as the agent that it is, in the terminal.</summary>
internal static class ChatCommand
{
    public static CliCommand Create()
    {
        var options = new ChatOptions();
        return new CliCommand("chat", "Talk to an agent in the terminal, and see it think, act and observe", context =>
            ChatRun.RunAsync(context, options).GetAwaiter().GetResult())
        {
            TakesModelFirst = true,
            Details =
                "A model trained here is asked as it was trained: with its task's tools, its prompt, and under its condition for success. "
                    + "Another model just answers, unless --task gives it a task's tools and prompt. /help in the chat lists its commands; "
                    + "/save writes what was said as trajectories, with /good and /bad as their outcomes. From a file or a pipe every line "
                    + "is a question or a command.",
            Examples =
            [
                "rebound chat DIR",
                "rebound chat model.gguf --task gsm8k --condition negative",
                "rebound chat --model llama --endpoint http://localhost:8000/v1 --task strategyqa --index wiki.db",
                "rebound chat DIR --json < questions.txt > answers.jsonl",
            ],
            Groups = options.Groups,
            Needs = [SharedOptions.ModelOrAdapter],
        };
    }
}
