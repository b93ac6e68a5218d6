using Rebound.Cli.Options;

namespace Rebound.Cli.Serve;

/// <summary><c>rebound serve</c>: answers programs that speak OpenAI's protocol.</summary>
internal static class ServeCommand
{
    public static CliCommand Create()
    {
        var options = new ServeOptions();
        const string Summary = "Serve a model to programs that speak OpenAI's protocol, and pages to look at data and runs";
        return new CliCommand("serve", Summary, context => ServeRun.RunAsync(context, options).GetAwaiter().GetResult())
        {
            TakesModelFirst = true,
            Details = "A model trained by rebound is asked as it was trained, under its prompt's condition for success: clients need not "
                + "know. NAME:negative, NAME:none and NAME:raw as a request's model choose other conditions, or the messages as they are. "
                + "Ctrl-C and SIGTERM let the requests that run end first. docs/serve.md has an example for each client. "
                + "Without a model, there are the pages of --data and --runs alone.",
            Examples =
            [
                "rebound serve DIR",
                "rebound serve model.gguf --port 8000",
                "rebound serve model.gguf --adapter agent-a --adapter agent-b",
                "rebound serve DIR --host 0.0.0.0 --api-key-file key.txt",
                "rebound serve --data collected --runs runs",
            ],
            Groups = options.Groups,
            Needs =
            [
                new Need(SharedOptions.ModelOrAdapter.Reason, SharedOptions.Model, options.Adapters)
                {
                    Exception = $"unless {options.Data.Name} or {options.Runs.Name} is given",
                    IsExempt = result => Need.IsGiven(result, options.Data) || Need.IsGiven(result, options.Runs),
                },
            ],
        };
    }
}
