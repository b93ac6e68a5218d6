using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Models.Verification;
using Rebound.Training.Verification;
using Spectre.Console;

namespace Rebound.Cli.Models;

/// <summary><c>rebound verify</c>: a model's results beside those of a reference.</summary>
internal static class VerifyCommand
{
    /// <summary>Columns of the terminal that the table needs beside the names, margins included.</summary>
    private const int OtherColumnsWidth = 48;

    private const int NameWidth = 32;

    private static readonly Option<string?> Reference = new("--reference")
    {
        Description = "A safetensors file of inputs and what is expected of them",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Steps = new("--steps")
    {
        Description = "A JSON file of optimizer steps to repeat",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Losses = new("--losses")
    {
        Description = "A JSON file of training methods' losses on the same rows, with their gradients beside it",
        HelpName = "FILE",
    };

    private static readonly Option<string?> ReferenceModel = new("--reference-model")
    {
        Description = "The model that dpo, kto and apo-zero compare with (--losses)",
        HelpName = "MODEL",
    };

    private static readonly Option<string?> OldModel = new("--old-model")
    {
        Description = "The model that the rows of nft and grpo were drawn from (--losses)",
        HelpName = "MODEL",
    };

    private static readonly Option<double?> Tolerance = new("--tolerance")
    {
        Description = "Largest difference allowed, relative to the largest expected value (default 1e-4, in bfloat16 what its "
            + "rounding allows)",
        HelpName = "X",
    };

    public static CliCommand Create() => new("verify", "Compare a model's logits, loss, gradients and steps with a reference", Run)
    {
        Options =
        {
            SharedOptions.Model, SharedOptions.Adapter, Reference, Steps, Losses, ReferenceModel, OldModel, Tolerance, SharedOptions.Device,
            SharedOptions.ComputeType, SharedOptions.Threads, SharedOptions.Json,
        },
        Needs = [SharedOptions.ModelOrAdapter, new Need("what to compare with", Reference, Steps, Losses)],
        Details = "The reference holds input_ids, and any of labels, logits, loss, grad.<parameter>, greedy and, with --adapter, "
            + "merged_logits; everything it holds is compared. --steps repeats AdamW steps and compares loss and gradient norm; "
            + "--losses does it for training methods, "
            + "with the rows' log-probabilities and the first step's gradients. "
            + "Exit code 1 if anything differs by more than the tolerance.",
        Examples =
        [
            "rebound verify --model DIR --reference expected.safetensors",
            "rebound verify --model DIR --reference expected.safetensors --steps train10.json --json",
            "rebound verify --model DIR --adapter DIR --reference expected.safetensors",
            "rebound verify --model DIR --losses losses.json --reference-model DIR --old-model DIR",
        ],
    };

    private static int Run(CommandContext context)
    {
        var (reference, steps, tolerance) = (context.Get(Reference), context.Get(Steps), context.Get(Tolerance));
        if (tolerance is { } given && (!(given > 0) || !double.IsFinite(given)))
        {
            throw new InputException($"--tolerance is {tolerance}, and must be a number above 0.");
        }

        var losses = context.Get(Losses);
        if (losses is null != context.Get(ReferenceModel) is null || losses is null != context.Get(OldModel) is null)
        {
            throw new InputException("--losses, --reference-model and --old-model go together: methods compare with both models.");
        }

        foreach (var file in new[] { reference, steps, losses }.OfType<string>())
        {
            PathChecks.RequireInput(file);
        }

        using var model = new OpenedModel(context, trained: steps is not null, stored: false);
        var rows = new List<VerificationRow>();
        if (reference is not null)
        {
            var weights = model.Weights;
            context.Terminal.Note($"Comparing with {reference}...");
            using var exact = new ExactModel(context);
            rows.AddRange(ModelVerification.Run(
                weights, reference, Generator.Greedy, Allowed(tolerance), () => exact.Weights, Measuring));
        }

        if (steps is not null)
        {
            rows.AddRange(Repeat(context, model.Weights, steps, Allowed(tolerance)));
        }

        if (losses is not null)
        {
            using var verified = new VerifiedLosses(context, model, context.Get(ReferenceModel)!, context.Get(OldModel)!);
            rows.AddRange(verified.Run(losses, Allowed(tolerance), Measuring));
        }

        void Measuring() => context.Terminal.Note(
            "Some results are further off than rounding allows in general; measuring what it explains in this model...");

        var passed = rows.TrueForAll(row => row.Passed);
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(Json(context, model, rows, passed));
        }
        else
        {
            Show(context, rows);
        }

        return passed ? ExitCode.Done : ExitCode.Failed;
    }

    private static IReadOnlyList<VerificationRow> Repeat(
        CommandContext context, LlamaModel model, string steps, RoundingTolerance? tolerance)
    {
        using var progress = context.Terminal.StartProgress($"Repeating {steps}", total: null, "steps");
        return StepReplay.Run(model, steps, tolerance, Report, context.Interrupted);

        void Report(int done, int total)
        {
            progress.Total = total;
            progress.Report(done);
        }
    }

    /// <summary>The same for all comparisons, or null for what the type that is computed in allows.</summary>
    private static RoundingTolerance? Allowed(double? tolerance) => tolerance is { } given ? RoundingTolerance.Of(given) : null;

    private static void Show(CommandContext context, List<VerificationRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(
            new TableColumn("name"),
            new TableColumn("shape").NoWrap(),
            new TableColumn("max |diff|").RightAligned().NoWrap(),
            new TableColumn("relative").RightAligned().NoWrap(),
            new TableColumn("verdict"));
        foreach (var column in table.Columns)
        {
            column.Padding = new Padding(0, 0, 1, 0);
        }

        foreach (var row in rows)
        {
            var verdict = row.Passed
                ? row.Verdict is null ? "[green]ok[/]" : "[green]ok[/] measured"
                : $"[red]FAILED[/]{(row.Note is null ? "" : $" {Markup.Escape(row.Note)}")}";
            table.AddRow(
                Markup.Escape(Folded(row.Name)), Markup.Escape(row.Shape), Number(row.MaxAbsolute), Number(row.MaxRelative), verdict);
        }

        context.Terminal.Write(table);
        var failed = rows.Count(row => !row.Passed);
        context.Terminal.Output.WriteLine(failed == 0
            ? $"All {rows.Count} comparisons are within {Limits(rows)}{Measured(rows)}."
            : $"{failed} of {rows.Count} comparisons failed (tolerance {Limits(rows)}{Measured(rows)}).");
    }

    /// <summary>The measurements behind results that exceed their tolerance, for the sentence about tolerances.</summary>
    private static string Measured(List<VerificationRow> rows)
    {
        var judged = rows.FindAll(row => row.Verdict is not null);
        var silent = judged.Count(row => !row.Verdict!.IsTelling);
        return judged.Count == 0
            ? ""
            : $", {judged.Count} of them by what rounding was measured to explain{(silent == 0 ? "" : $" ({silent} by float32 alone)")}";
    }

    /// <summary>The tolerance, or the least and the largest of them; that of tokens is 0 and says nothing.</summary>
    private static string Limits(List<VerificationRow> rows)
    {
        var limits = rows.Select(row => row.Tolerance).Where(limit => limit > 0).DefaultIfEmpty().ToArray();
        return limits.Min() == limits.Max() ? $"{limits.Min():g}" : $"{limits.Min():g2} to {limits.Max():g2}";
    }

    /// <summary>A name that is too long for a narrow terminal goes on after one of its dots.</summary>
    private static string Folded(string name)
    {
        var room = Math.Max(NameWidth, TerminalStyle.OutputWidth - OtherColumnsWidth);
        var dot = name.Length > room ? name.LastIndexOf('.', room - 1) : -1;
        return dot < 0 ? name : $"{name[..(dot + 1)]}\n {name[(dot + 1)..]}";
    }

    private static JsonObject Json(CommandContext context, OpenedModel model, List<VerificationRow> rows, bool passed) => new()
    {
        ["model"] = model.Source.Location,
        ["adapter"] = model.Source.Adapter?.Location,
        ["device"] = model.Device,
        ["passed"] = passed,
        ["results"] = new JsonArray([.. rows.Select(row => new JsonObject
        {
            ["name"] = row.Name,
            ["shape"] = JsonNode.Parse(row.Shape),
            ["max_absolute"] = Finite(row.MaxAbsolute),
            ["max_relative"] = Finite(row.MaxRelative),
            ["norm_relative"] = Finite(row.NormRelative),
            ["tolerance"] = row.Tolerance,
            ["passed"] = row.Passed,
            ["note"] = row.Note,
            ["explained_by_rounding"] = row.Verdict is { } verdict ? Finite(verdict.Allowed) : null,
            ["float32_norm_relative"] = row.Verdict?.Float32 is { } float32 ? Finite(float32.NormRelative) : null,
        })]),
    };

    private static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString("0.0e+00");

    private static JsonValue? Finite(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    /// <summary>The model in float32 on the same device, read when it is asked for.</summary>
    private sealed class ExactModel(CommandContext context) : IDisposable
    {
        private OpenedModel? _model;

        public LlamaModel Weights => (_model ??= new OpenedModel(context, trained: false, DType.Float32, stored: false)).Weights;

        public void Dispose() => _model?.Dispose();
    }
}
