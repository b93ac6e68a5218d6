using System.Text;
using Rebound.Cli.Models;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;

namespace Rebound.Cli.Generate;

/// <summary>Many prompts of a file, generated together; each row is written with what came of it, in the file's order.</summary>
internal static class RowGeneration
{
    public static void Run(
        CommandContext context, OpenedModel model, PromptEncoder encoder, string input, string? output,
        int batchSize, GenerationOptions options)
    {
        // Every row is read and encoded before the weights are: a wrong one is known at once.
        var (rows, prompts) = Read(context, encoder, input);
        using var writer = new RowWriter(output, context.Terminal);

        // Every step looks whether it is to stop, however long one takes, and finished rows are kept.
        using var saving = context.Interruption.Saving();
        Scheduler? scheduler = null;
        var generator = new Generator(model.Weights, model.Source.Tokenizer, batchSize)
        {
            OnOpened = opened => OpenedModel.TellCache(context, (scheduler = opened).CacheTokens, opened.CacheBytes),
        };
        using var progress = context.Terminal.StartProgress("Generating", rows.Length, "rows");
        var pending = rows.Select(_ => new PendingRow()).ToArray();
        var (finished, tokens, rate) = (0, 0L, new RecentRate());
        foreach (var step in generator.Stream(prompts, options, context.Interrupted))
        {
            var row = pending[step.Sequence];
            row.Tokens.Add(step.Token);
            row.Text.Append(step.Text);
            row.Finished = step.Finish is not null;
            finished += row.Finished ? 1 : 0;
            tokens++;
            if (progress.IsDue)
            {
                progress.Report(finished, $"{tokens:N0} tokens, {RecentRate.Text(rate.At(progress.Elapsed, tokens))}");
            }

            while (writer.Count < rows.Length && pending[writer.Count].Finished)
            {
                WriteRow(writer, rows[writer.Count], prompts[writer.Count], pending[writer.Count]);
            }
        }

        writer.Complete();
        progress.Report(
            finished,
            $"{tokens:N0} tokens, {RecentRate.Text(tokens / progress.Elapsed.TotalSeconds)}, "
                + $"{prompts.Sum(prompt => (long)prompt.Length):N0} read, {scheduler?.ReusedTokens ?? 0:N0} reused");
    }

    /// <summary>The rows that can be used, and their prompts.</summary>
    /// <exception cref="InputException">Rows cannot be, and are not to be left out.</exception>
    private static (Row[] Rows, int[][] Prompts) Read(CommandContext context, PromptEncoder encoder, string input)
    {
        var bad = BadRowHandling.For(context, input);
        var (rows, prompts) = (new List<Row>(), new List<int[]>());
        foreach (var row in RowReader.Read(input, bad.Leave))
        {
            int[] prompt = [];
            if (bad.Takes(() => prompt = encoder.EncodeRow(row)))
            {
                rows.Add(row);
                prompts.Add(prompt);
            }
        }

        bad.End();
        return ([.. rows], [.. prompts]);
    }

    private static void WriteRow(RowWriter writer, Row row, int[] prompt, PendingRow result)
    {
        row.Content["prompt_ids"] = StreamedAnswer.Ids(prompt);
        row.Content["output_ids"] = StreamedAnswer.Ids(result.Tokens);
        row.Content["output"] = result.Text.ToString();
        writer.Write(row.Content);
    }

    private sealed class PendingRow
    {
        public List<int> Tokens { get; } = [];

        public StringBuilder Text { get; } = new();

        public bool Finished { get; set; }
    }
}
