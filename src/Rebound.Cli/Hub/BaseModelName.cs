using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Hub;

namespace Rebound.Cli.Hub;

/// <summary>The model that one was trained on, or made of, by its name on the hub.</summary>
/// <param name="Name">For example <c>Qwen/Qwen3-0.6B</c>.</param>
/// <param name="Commit">The commit of its files in the cache; null where they were elsewhere.</param>
/// <param name="Folder">Its files in the cache; null where they were elsewhere.</param>
internal sealed record BaseModelName(string Name, string? Commit, string? Folder)
{
    /// <summary>Of a path into the hub's cache, or of a name; null for other paths, which mean nothing elsewhere.</summary>
    public static BaseModelName? Find(string? pathOrName)
    {
        if (pathOrName is null)
        {
            return null;
        }

        if (HubSnapshots.At(pathOrName) is var (repository, commit, snapshot))
        {
            return new BaseModelName(repository, commit, snapshot);
        }

        return !Path.Exists(pathOrName) && HubReference.Find(pathOrName) is { } named
            ? new BaseModelName(named.Repository, null, HubSnapshots.OfEnvironment().Find(named.Repository, revision: null))
            : null;
    }

    /// <summary>The metadata of its card, where it is in the cache.</summary>
    public JsonObject Metadata() => Folder is null ? [] : CardMetadata.Read(Path.Combine(Folder, CardMetadata.FileName));
}
