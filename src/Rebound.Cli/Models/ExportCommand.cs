using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Cli.Machine;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Inference.Chat;
using Rebound.Inference.Ollama;
using Rebound.Models;
using Rebound.Models.Export;

namespace Rebound.Cli.Models;

/// <summary><c>rebound export</c>: a model, with its adapter merged, in a form that other programs take.</summary>
internal static class ExportCommand
{
    public static CliCommand Create() => new("export", "Write a model as GGUF for llama.cpp and Ollama, or as a folder", Run)
    {
        TakesModelFirst = true,
        Options =
        {
            SharedOptions.Model, SharedOptions.Adapter, ExportOptions.Format, ExportOptions.Type, ExportOptions.Output,
            ExportOptions.AdapterOnly, ExportOptions.Modelfile, SharedOptions.Overwrite, SharedOptions.Device, SharedOptions.Threads,
            SharedOptions.Json,
        },
        Needs = [SharedOptions.ModelOrAdapter],
        Details = "An adapter is merged into its model. What is written is opened again before it gets its name: its tokenizer has to give "
            + "the same tokens to fixed texts, its chat template has to be the same, and its logits those of the weights rounded to the "
            + "type; otherwise nothing is left behind. How far they are from the model's own is said.",
        Examples =
        [
            "rebound export DIR --format gguf --type Q4_K_M",
            "rebound export --adapter DIR --format gguf --type Q8_0 --output agent.gguf",
            "rebound export --adapter DIR --adapter-only --output agent.lora.gguf",
            "rebound export DIR --type Q4_K_M --modelfile Modelfile",
            "rebound export model.gguf --format huggingface --type BF16 --output DIR",
        ],
    };

    private static int Run(CommandContext context)
    {
        var isGguf = context.Require(ExportOptions.Format) == ExportOptions.Gguf;
        if (!isGguf && (context.Get(ExportOptions.AdapterOnly) || context.Get(ExportOptions.Modelfile) is not null))
        {
            throw new InputException(
                $"{ExportOptions.AdapterOnly.Name} and {ExportOptions.Modelfile.Name} go with --format {ExportOptions.Gguf}.");
        }

        return !isGguf ? WriteFolder(context) : context.Get(ExportOptions.AdapterOnly) ? WriteAdapter(context) : WriteGguf(context);
    }

    private static int WriteGguf(CommandContext context)
    {
        var type = ExportOptions.GgufType(context);

        // Rounding is measured against the exact model.
        using var model = new OpenedModel(context, type: DType.Float32);
        var name = NameOf(model.Source);
        var path = Target(context, $"{name}.{type.Name}.gguf");
        var modelfile = context.Get(ExportOptions.Modelfile) is { } target ? Modelfile(context, model.Source, target, path) : null;
        using var export = new GgufExport(model.Backend, model.Source, type, name);
        foreach (var note in export.Notes)
        {
            context.Terminal.Note(note);
        }

        model.TellDevice();
        var difference = Write(context, export, path);
        if (modelfile is not null)
        {
            WholeFile.WriteText(context.Get(ExportOptions.Modelfile)!, modelfile);
        }

        var bytes = new FileInfo(path).Length;
        if (context.Get(SharedOptions.Json))
        {
            var json = Result(model.Source, path, type.Name, difference.MaxRelative);
            json["modelfile"] = context.Get(ExportOptions.Modelfile);
            json["bytes"] = bytes;
            json["bits_per_parameter"] = Math.Round(export.BitsPerParameter, 3);
            json["divergence"] = difference.Divergence;
            json["same_best"] = difference.SameBest;
            json["notes"] = new JsonArray([.. export.Notes.Select(note => JsonValue.Create(note))]);
            context.Terminal.WriteJson(json);
        }
        else
        {
            context.Terminal.Say(
                $"Wrote {path}: {Fact.Bytes(bytes)}, {export.BitsPerParameter:0.00} bits a parameter. On fixed texts its logits are those "
                + $"of the weights in {type.Name}; from the model's own they differ by {difference.MaxRelative:0.0e+00} of the largest, "
                + $"the distributions by {difference.Divergence:0.0e+00} nats a token, and {100 * difference.SameBest:0}% of the likeliest "
                + "tokens are the same.");
            context.Terminal.Next("Talk to it", $"rebound chat {ShellText.Quoted(path)}");
        }

        return ExitCode.Done;
    }

    private static LogitsDifference Write(CommandContext context, GgufExport export, string path)
    {
        ProgressLine? progress = context.Terminal.StartProgress($"Writing {path}", total: null, "MiB");
        try
        {
            return export.Write(
                path,
                (done, total) =>
                {
                    progress!.Total = total >> 20;
                    progress.Report(done >> 20);
                },
                () =>
                {
                    progress!.Dispose();
                    progress = null;
                    context.Terminal.Note("Comparing what was written with the model...");
                });
        }
        finally
        {
            progress?.Dispose();
        }
    }

    /// <summary>The Modelfile's text, before anything is written.</summary>
    private static string Modelfile(CommandContext context, ModelSource source, string modelfile, string gguf)
    {
        PathChecks.RequireOutput(modelfile, ExportOptions.Modelfile.Name);
        if (File.Exists(modelfile) && !context.Get(SharedOptions.Overwrite))
        {
            throw new InputException($"{modelfile} exists already; choose another Modelfile, or {SharedOptions.Overwrite.Name}.");
        }

        // Ollama finds the file from the Modelfile's folder, and takes a bare name for one of its models.
        var relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(modelfile))!, gguf);
        return OllamaModelfile.Write(source, Path.IsPathRooted(relative) || relative.StartsWith('.') ? relative : $"./{relative}");
    }

    private static int WriteAdapter(CommandContext context)
    {
        if (context.Get(ExportOptions.Modelfile) is not null)
        {
            throw new InputException(
                $"{ExportOptions.Modelfile.Name} is written of a whole model; leave {ExportOptions.AdapterOnly.Name} out.");
        }

        var type = ExportOptions.AdapterType(context);
        using var model = new OpenedModel(context, type: DType.Float32);
        if (model.Source.Adapter is null)
        {
            throw new InputException($"There is no adapter beside {model.Source.Location}: give an --adapter.");
        }

        var name = NameOf(model.Source);
        var path = Target(context, $"{name}.lora.{type.Name}.gguf");
        model.TellDevice();
        var difference = GgufAdapterExport.Write(model.Backend, model.Source, path, type, name);
        var bytes = new FileInfo(path).Length;
        if (context.Get(SharedOptions.Json))
        {
            var json = Result(model.Source, path, type.Name, difference.MaxRelative);
            json["bytes"] = bytes;
            context.Terminal.WriteJson(json);
        }
        else
        {
            context.Terminal.Say(
                $"Wrote {path}: {Fact.Bytes(bytes)}. Beside the model its logits differ from the adapter's by "
                + $"{difference.MaxRelative:0.0e+00} of the largest.");
        }

        return ExitCode.Done;
    }

    private static int WriteFolder(CommandContext context)
    {
        if (context.Get(ExportOptions.Output) is not { } folder)
        {
            throw new InputException($"--output is required with --format {ExportOptions.HuggingFace}: the folder to write.");
        }

        var chosen = ExportOptions.FolderType(context);
        using var target = ModelTarget.Take(context, folder, ExportOptions.Output.Name);
        using var model = new OpenedModel(context, type: DType.Float32);
        var type = chosen ?? StoredTypes.Of(model.Source.Tensors);
        model.TellDevice();
        context.Terminal.Note($"Writing {model.Name} as {folder}...");
        var card = ChatProfile.FindCard(model.Source);
        var rows = FolderExport.Write(
            model.Backend, model.Source, folder, type, context.Get(SharedOptions.Overwrite), written => card?.Write(written));
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(Result(model.Source, folder, type.ToString(), rows[^1].MaxRelative));
        }
        else
        {
            context.Terminal.Say(
                $"Wrote {folder} in {StoredTypes.NameOf(type)}. Its logits differ from the model's own by "
                + $"{rows[^1].MaxRelative:0.0e+00} of the largest.");
            context.Terminal.Next("Talk to it", $"rebound chat {ShellText.Quoted(folder)}");
        }

        return ExitCode.Done;
    }

    /// <summary>Facts of whatever was written.</summary>
    /// <param name="maxRelative">How far its logits are from the model's own.</param>
    private static JsonObject Result(ModelSource source, string output, string type, double maxRelative) => new()
    {
        ["model"] = source.Location,
        ["adapter"] = source.Adapter?.Location,
        ["output"] = output,
        ["type"] = type,
        ["max_relative"] = maxRelative,
    };

    /// <summary>The adapter's or the model's folder, or its file without the ending.</summary>
    private static string NameOf(ModelSource source)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Adapter?.Location ?? source.Location));
        return File.Exists(path) ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path);
    }

    /// <summary>The file to be written, known to be free before any work is done.</summary>
    private static string Target(CommandContext context, string otherwise)
    {
        var path = context.Get(ExportOptions.Output) ?? otherwise;
        PathChecks.RequireOutput(path, ExportOptions.Output.Name);
        if (PathChecks.IsWrittenInPlace(path))
        {
            throw new InputException($"{ExportOptions.Output.Name} is {path}, and a GGUF file is read again: it needs a file of its own.");
        }

        return !File.Exists(path) || context.Get(SharedOptions.Overwrite)
            ? path
            : throw new InputException($"{path} exists already; choose another file with --output, or {SharedOptions.Overwrite.Name}.");
    }
}
