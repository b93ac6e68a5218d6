using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Cli.Machine;
using Rebound.Cli.Options;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Trajectories;
using Spectre.Console;

namespace Rebound.Cli.Hub;

/// <summary><c>rebound show</c>: a model's or an adapter's shape, size, tokenizer, template and agent card.</summary>
internal static class ShowModelCommand
{
    public static CliCommand Create() => new("show", "Show a model's shape, size, tokenizer, template and agent card", Run)
    {
        TakesModelFirst = true,
        MoreOptions = [SharedOptions.Model, SharedOptions.Adapter, SharedOptions.Json],
        Needs = [SharedOptions.ModelOrAdapter],
        Details = "Of a Hugging Face folder, a .gguf file, an adapter with the model that it was trained on, or a model that was "
            + "pulled from the hub. No weights are read.",
        Examples = ["rebound show Qwen/Qwen3-0.6B", "rebound show model.gguf", "rebound show agent --json"],
    };

    private static int Run(CommandContext context)
    {
        var (model, adapter) = (context.Get(SharedOptions.Model), context.Get(SharedOptions.Adapter));
        using var source = adapter is null ? ModelSource.Open(model!) : ModelSource.Open(model, adapter);
        context.Terminal.Warn(source.Warnings);
        var facts = Facts(source).ToArray();
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonObject(facts.Select(fact => KeyValuePair.Create(fact.Key, fact.Value?.DeepClone()))));
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("");
        foreach (var fact in facts)
        {
            table.AddRow(Markup.Escape(fact.Name), Markup.Escape(fact.Text));
        }

        context.Terminal.Write(table);
        return ExitCode.Done;
    }

    private static IEnumerable<Fact> Facts(ModelSource source)
    {
        var config = source.Config;
        var tensors = source.Tensors.Tensors.Values;
        yield return Fact.Of("model", "path", source.Location);
        if (source.Adapter is { } adapter)
        {
            yield return Fact.Of("adapter", "adapter", adapter.Location);
        }

        yield return Fact.Of("family", "family", (string?)source.ConfigJson["model_type"] ?? $"{config.Variant}".ToLowerInvariant());
        yield return Number("parameters", "parameters", tensors.Sum(tensor => tensor.Count));
        yield return Fact.OfBytes("weights on disk", "bytes", Bytes(source.Location), "not known");
        var types = tensors.GroupBy(tensor => tensor.StoredType).OrderByDescending(group => group.Sum(tensor => tensor.Count))
            .Select(group => group.Key);
        yield return Fact.Of("stored as", "stored_types", string.Join(", ", types));
        yield return Number("layers", "layers", config.Layers);
        yield return Number("hidden size", "hidden_size", config.HiddenSize);
        yield return Number("feed-forward size", "feed_forward_size", config.FeedForwardSize);
        yield return new Fact(
            "heads", "heads", $"{config.QueryHeads}, of {config.HeadDim}; {config.KeyValueHeads} for keys and values",
            new JsonObject
            {
                ["query"] = config.QueryHeads,
                ["key_value"] = config.KeyValueHeads,
                ["size"] = config.HeadDim,
            });
        yield return new Fact("context", "context_length", $"{config.ContextLength:N0} tokens", config.ContextLength);
        yield return new Fact("vocabulary", "vocabulary_size", $"{config.VocabularySize:N0} tokens", config.VocabularySize);
        yield return source.HasTokenizer
            ? Fact.Of("end of text", "end_token", source.EosToken)
            : new Fact("tokenizer", "tokenizer", "none", null);
        yield return Template(source);
        if (AgentCard.Find(source.Adapter?.Location ?? source.Location) is { } card)
        {
            yield return new Fact(
                "agent card", "card",
                $"trained on {card.BaseModel} by {card.Method ?? "an unnamed method"}, {card.Steps:N0} steps"
                    + (card.Task is { } task ? $"; task {task}" : "") + (card.ToolFormat is { } format ? $"; tools {format}" : ""),
                card.ToJson());
        }
    }

    private static Fact Number(string name, string key, long value) => new(name, key, $"{value:N0}", value);

    private static Fact Template(ModelSource source)
    {
        var template = source.ChatTemplateSource;
        var words = template is null ? "none"
            : template.ToolUse is not null || template.Default.Contains("tools", StringComparison.Ordinal) ? "with tools" : "without tools";
        return new Fact("chat template", "chat_template", words, template is null ? null : words);
    }

    /// <summary>Bytes of a GGUF file, or of a folder's weights.</summary>
    private static long? Bytes(string location) => File.Exists(location) ? Length(location)
        : !Directory.Exists(location) ? null
        : Directory.EnumerateFiles(location, "*.safetensors").Sum(Length);

    private static long Length(string file) =>
        File.ResolveLinkTarget(file, returnFinalTarget: true) is FileInfo target ? target.Length : new FileInfo(file).Length;
}
