using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Terminal;
using Rebound.Traces;
using Rebound.Traces.Otlp;

namespace Rebound.Cli.Data.Import;

/// <summary><c>rebound data import traces</c>: trajectories from the OpenTelemetry traces of agents.</summary>
internal static class TracesCommand
{
    public static CliCommand Create()
    {
        var options = new TracesOptions();
        return new CliCommand("traces", "Make trajectories of the OpenTelemetry traces of agents", context => Run(context, options))
        {
            Arguments = { options.Files },
            Needs = [new Need("the exported traces to read", options.Files)],
            Details = "Reads OTLP as JSON, JSON lines and Protobuf, also in .gz and .zip, with the attributes of OpenTelemetry's GenAI "
                + "conventions, OpenInference, OpenLLMetry and the Vercel AI SDK. Every run of an agent becomes a trajectory in OpenAI's "
                + "form, with its tools. Evaluations (gen_ai.evaluation.result) become its outcome.",
            Examples =
            [
                "rebound data import traces traces.jsonl --output agent.jsonl",
                "rebound data import traces exports --output agent.jsonl --outcome app.ticket_solved",
                "rebound data import traces aspire.zip --output agent.jsonl --evaluation Relevance --at-least 4",
            ],
            Groups = options.Groups,
        };
    }

    private static int Run(CommandContext context, TracesOptions options)
    {
        var (files, settings) = options.Read(context);
        var output = context.Get(options.Output);
        RowOutput.Check(files, (options.Output.Name, output));
        var traces = Read(files);
        var import = TraceImporter.Import(traces.Data, settings);
        if (import.Rows.Count == 0)
        {
            throw new InputException(traces.Data.Spans.Count == 0
                ? string.Join('\n', ["There is no span in these files.", .. traces.Notes])
                : $"No trajectory came of the {CountText.Of(traces.Data.Spans.Count, "span")} in these files"
                    + (import.LeftOut.Count == 0 ? ": none is an agent's or a model's."
                        : $":\n{string.Join('\n', Sentences("left out", import.LeftOut))}"));
        }

        foreach (var note in traces.Notes)
        {
            context.Terminal.Note(note);
        }

        using var rows = RowOutput.Create(context, output);
        foreach (var row in import.Rows)
        {
            rows.Write(row);
        }

        rows.Complete(output is null ? null : $"rebound data show {ShellText.Quoted(output)}");
        if (output is not (null or "-"))
        {
            Show(context, traces, import);
        }

        return ExitCode.Done;
    }

    private static TraceFiles Read(IReadOnlyList<string> files)
    {
        var traces = new TraceFiles();
        foreach (var file in files)
        {
            try
            {
                traces.Read(file);
            }
            catch (FormatException e)
            {
                throw new InputException(e.Message);
            }
        }

        return traces;
    }

    private static void Show(CommandContext context, TraceFiles traces, TraceImport import)
    {
        int Outcome(bool isSuccess) => import.Rows.Count(row => row["info"]?["reward"] is { } reward && (double)reward > 0 == isSuccess);
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonObject
            {
                ["spans"] = traces.Data.Spans.Count,
                ["repeated_spans"] = traces.Data.Repeated,
                ["trajectories"] = import.Rows.Count,
                ["successes"] = Outcome(isSuccess: true),
                ["failures"] = Outcome(isSuccess: false),
                ["without_outcome"] = Counts(import.WithoutOutcome),
                ["left_out"] = Counts(import.LeftOut),
            });
            return;
        }

        var all = import.Rows.Count + import.LeftOut.Values.Sum();
        var table = DataTable.Create("runs of agents", "runs", "share");
        DataTable.AddRow(table, "success", $"{Outcome(isSuccess: true):N0}", DataTable.Share(Outcome(isSuccess: true), all));
        DataTable.AddRow(table, "failure", $"{Outcome(isSuccess: false):N0}", DataTable.Share(Outcome(isSuccess: false), all));
        foreach (var (kind, reasons) in new[] { ("without an outcome", import.WithoutOutcome), ("left out", import.LeftOut) })
        {
            if (reasons.Count > 0)
            {
                DataTable.AddRow(table, kind, $"{reasons.Values.Sum():N0}", DataTable.Share(reasons.Values.Sum(), all));
            }
        }

        DataTable.AddTotal(table, "all", $"{all:N0}", "");
        context.Terminal.Write(table);
        foreach (var sentence in Sentences("without an outcome", import.WithoutOutcome).Concat(Sentences("left out", import.LeftOut)))
        {
            context.Terminal.Say(sentence);
        }

        if (traces.Data.Repeated > 0)
        {
            context.Terminal.Say($"{CountText.Of(traces.Data.Repeated, "span")} stood in the files again and counted once.");
        }
    }

    private static IEnumerable<string> Sentences(string kind, IReadOnlyDictionary<string, int> reasons) =>
        reasons.OrderByDescending(reason => reason.Value).Select(reason => $"{CountText.Of(reason.Value, "run")} {kind}: {reason.Key}.");

    private static JsonObject Counts(IReadOnlyDictionary<string, int> counts) =>
        new(counts.Select(count => KeyValuePair.Create<string, JsonNode?>(count.Key, count.Value)));
}
