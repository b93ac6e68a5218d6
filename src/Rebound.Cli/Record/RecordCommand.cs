namespace Rebound.Cli.Record;

/// <summary><c>rebound record</c>: a gateway that keeps what agents and a model's server say to each other.</summary>
internal static class RecordCommand
{
    public static CliCommand Create()
    {
        var options = new RecordOptions();
        const string Summary = "Stand between agents and a model's server, and keep their conversations as trajectories";
        return new CliCommand("record", Summary, context => RecordRun.RunAsync(context, options).GetAwaiter().GetResult())
        {
            Details = "Everything is passed on as it is; keys are never kept. A conversation that grows is one trajectory, in DIR/"
                + "trajectories.jsonl, which train and data take. Its outcome comes by POST /v1/feedback, by the header Rebound-Outcome, "
                + "or by OpenTelemetry's evaluations at /v1/traces. Ctrl-C and SIGTERM let the requests that run end first. "
                + "docs/record.md has the rest.",
            Examples =
            [
                "rebound record --upstream http://127.0.0.1:8000/v1 --output recorded",
                "rebound record --upstream https://api.openai.com/v1 --output recorded --port 9000",
                "rebound record --upstream http://127.0.0.1:8000/v1 --output recorded --evaluation Relevance --at-least 4",
            ],
            Groups = options.Groups,
            Needs = [new Need("the folder that conversations are kept in", options.Output)],
        };
    }
}
