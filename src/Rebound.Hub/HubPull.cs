using Rebound.Hub.Cache;
using Rebound.Hub.Transfer;

namespace Rebound.Hub;

/// <summary>Brings models from the hub into its cache.</summary>
public sealed class HubPull(HubOptions options)
{
    private readonly HubCache _cache = new(options.Cache);

    /// <summary>Brings the files that a model needs: those that are not there, from where an earlier pull ended.</summary>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="begin">Is told the files, before any of them is downloaded; null for nobody.</param>
    /// <param name="told">Is told of bytes that are there or came, from any thread; null for nobody.</param>
    /// <returns>Where the model is: a folder, or a GGUF file.</returns>
    /// <exception cref="HubException">It is not there, not open to the token, or cannot be downloaded.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<string> RunAsync(
        HubReference model, string revision, Action<IReadOnlyList<HubFile>>? begin, Action<long>? told, CancellationToken cancellation)
    {
        if (options.IsOffline)
        {
            return _cache.Find(model) ?? throw new HubException(
                $"{model} is not in {options.Cache}, and HF_HUB_OFFLINE forbids to download it.");
        }

        using var client = new HubClient(options, Direction.Pull);
        var at = await client.RevisionAsync(model, revision, cancellation);
        var files = FileSelection.Choose(model, at);
        begin?.Invoke(files);
        using var download = new FileDownload(client, options, _cache, model, at.Commit, told ?? (_ => { }));
        await Task.WhenAll(files.DistinctBy(file => file.Blob).Select(file => download.RunAsync(file, cancellation)));
        foreach (var file in files)
        {
            _cache.Link(model, at.Commit, file);
        }

        _cache.SetCommit(model, revision, at.Commit);
        return _cache.FindAt(model, at.Commit)
            ?? throw new HubException($"{model} was downloaded to {_cache.Snapshot(model, at.Commit)}, and is no model that is read here.");
    }
}
