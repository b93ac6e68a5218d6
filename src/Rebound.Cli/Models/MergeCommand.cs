using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Verification;

namespace Rebound.Cli.Models;

/// <summary><c>rebound merge</c>: an adapter worked into its model's weights, for programs that take no adapters.</summary>
internal static class MergeCommand
{
    private static readonly Option<string?> SaveType = StoredTypes.Option("as the model's own, float32 for a quantized one");

    public static CliCommand Create() => new("merge", "Work an adapter into its model's weights", Run)
    {
        Options =
        {
            SharedOptions.Model, SharedOptions.Adapter, SharedOptions.ModelFolder, SaveType, SharedOptions.Overwrite,
            SharedOptions.Device, SharedOptions.Threads,
            SharedOptions.Json,
        },
        Needs = [SharedOptions.ModelOrAdapter],
        Details = "The written model is read again and its logits are compared with those of the adapter beside the weights; if they "
            + "differ by more than rounding, nothing is left behind. Tokenizer, chat templates, generation_config.json and the "
            + "agent card go with it, so that it is asked as its parts were.",
        Examples =
        [
            "rebound merge --adapter DIR --output merged",
            "rebound merge --model model.gguf --adapter DIR --output merged --save-dtype bfloat16",
        ],
    };

    private static int Run(CommandContext context)
    {
        using var target = ModelTarget.Take(context);
        var folder = target.Folder;

        // What is written has to be exact, and it is compared within fp32's rounding.
        using var model = new OpenedModel(context, type: DType.Float32);
        if (model.Source.Adapter is null)
        {
            throw new InputException($"There is nothing to merge into {model.Source.Location}: give an --adapter.");
        }

        var type = StoredTypes.Chosen(context.Get(SaveType)) ?? StoredTypes.Of(model.Source.Tensors);
        model.TellDevice();
        context.Terminal.Note($"Merging {model.Name} on {model.Device}...");
        var card = ChatProfile.FindCard(model.Source);
        var rows = AdapterMerge.Write(
            model.Backend, model.Source, folder, type, context.Get(SharedOptions.Overwrite), written =>
            {
                if (card is not null)
                {
                    card.Write(written);
                }
            });
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(Json(model.Source, folder, type, rows));
        }
        else
        {
            var differences = rows.Select(row => $"{row.MaxRelative:0.0e+00} ({row.Name})");
            context.Terminal.Say(
                $"Wrote {folder} in {StoredTypes.NameOf(type)}. Largest difference from the adapter beside the weights, of the "
                + $"largest logit: {string.Join(", ", differences)}.");
            context.Terminal.Next("Talk to it", $"rebound chat {ShellText.Quoted(folder)}");
        }

        return ExitCode.Done;
    }

    private static JsonObject Json(ModelSource source, string folder, StoredFloatType type, IReadOnlyList<VerificationRow> rows) => new()
    {
        ["model"] = source.Location,
        ["adapter"] = source.Adapter!.Location,
        ["output"] = folder,
        ["dtype"] = StoredTypes.NameOf(type),
        ["results"] = new JsonArray([.. rows.Select(row => new JsonObject
        {
            ["name"] = row.Name,
            ["max_relative"] = row.MaxRelative,
            ["tolerance"] = row.Tolerance,
        })]),
    };
}
