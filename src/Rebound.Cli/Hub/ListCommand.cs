using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Cli.Data;
using Rebound.Cli.Machine;
using Rebound.Cli.Options;
using Rebound.Hub;
using Rebound.Hub.Cache;

namespace Rebound.Cli.Hub;

/// <summary><c>rebound list</c>: the models of the hub's cache.</summary>
internal static class ListCommand
{
    public static CliCommand Create() => new("list", "List the models that were pulled from the Hugging Face hub", Run)
    {
        MoreOptions = [SharedOptions.Json],
        Details = "They lie in the hub's cache (HF_HUB_CACHE, or hub in HF_HOME), put there by this program or others; "
            + "'rebound show OWNER/NAME' tells more of one.",
        Examples = ["rebound list"],
    };

    private static int Run(CommandContext context)
    {
        var cache = new HubCache(HubEnvironment.Options().Cache);
        var models = cache.List().SelectMany(model => Of(cache, model)).ToArray();
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonArray([.. models.Select(model => (JsonNode)new JsonObject
            {
                ["name"] = model.Name,
                ["kind"] = model.Kind,
                ["bytes"] = model.Bytes,
                ["path"] = model.Path,
            })]));
            return ExitCode.Done;
        }

        if (models.Length == 0)
        {
            context.Terminal.Say($"There is no model in {cache.Folder}.");
            context.Terminal.Next("Get one", "rebound pull Qwen/Qwen3-0.6B");
            return ExitCode.Done;
        }

        var table = DataTable.Create("models", "kind", "size");
        foreach (var model in models)
        {
            DataTable.AddRow(table, model.Name, model.Kind, Fact.Bytes(model.Bytes));
        }

        context.Terminal.Write(table);
        context.Terminal.Say($"In {cache.Folder}");
        return ExitCode.Done;
    }

    /// <summary>A folder, or each of the GGUF files of a repository; none where it holds something else.</summary>
    private static IEnumerable<(string Name, string Kind, long Bytes, string Path)> Of(HubCache cache, HubReference model)
    {
        if (cache.CommitOf(model, HubCache.Main) is not { } commit || !Directory.Exists(cache.Snapshot(model, commit)))
        {
            yield break;
        }

        var snapshot = cache.Snapshot(model, commit);
        var files = Directory.GetFiles(snapshot, "*", SearchOption.AllDirectories);
        var isAdapter = File.Exists(Path.Combine(snapshot, ModelFiles.AdapterConfig));
        if (isAdapter || (File.Exists(Path.Combine(snapshot, ModelFiles.Config)) && files.Any(IsWeights)))
        {
            yield return (model.Repository, isAdapter ? "adapter" : "model", files.Sum(Size), snapshot);
        }

        foreach (var file in files.Where(file => file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(snapshot, file).Replace('\\', '/');
            yield return ($"{model.Repository}:{name}", "GGUF", Size(file), file);
        }
    }

    private static bool IsWeights(string file) => file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes of what a link leads to; 0 where it leads nowhere.</summary>
    private static long Size(string file) => File.ResolveLinkTarget(file, returnFinalTarget: true) is FileInfo target
        ? target.Exists ? target.Length : 0
        : new FileInfo(file).Length;
}
