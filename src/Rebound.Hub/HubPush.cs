using Rebound.Hub.Transfer;
using Rebound.Hub.Upload;

namespace Rebound.Hub;

/// <summary>Brings files to a model's repository on the hub.</summary>
public sealed class HubPush(HubOptions options)
{
    private const string Card = "README.md";

    /// <summary>
    /// Sends those files that the hub does not have, from where an earlier push ended, and gives all of them their names in one commit.
    /// </summary>
    /// <param name="files">Of different paths.</param>
    /// <param name="observer">Is told how it goes on; null for nobody.</param>
    /// <exception cref="HubException">The hub refuses or cannot be reached, a file cannot be read, or there is no token.</exception>
    public async Task<PushResult> RunAsync(
        HubReference model, IReadOnlyList<PushFile> files, PushOptions push, IPushObserver? observer, CancellationToken cancellation)
    {
        Check(model);
        var summed = new List<SummedFile>();
        foreach (var file in files)
        {
            summed.Add(await SummedFile.OfAsync(file, bytes => observer?.Read(bytes), cancellation));
        }

        using var client = new HubClient(options, Direction.Push);
        var repository = new HubRepository(client, options, model, push.Revision);
        var there = await repository.OpenAsync(push.IsPrivate, cancellation);
        var wanted = summed.Where(file => StateBefore(file, there, push) is null).ToList();
        var kinds = await repository.KindsAsync(wanted, cancellation);
        wanted.RemoveAll(file => kinds[file.Path].IsIgnored);
        var large = wanted.Where(file => kinds[file.Path].IsLarge).ToArray();
        var actions = await repository.ActionsAsync(large, cancellation);
        PushedFile[] told =
        [
            .. summed.Select(file => new PushedFile(
                file.Path,
                file.Size,
                StateBefore(file, there, push)
                    ?? (kinds[file.Path].IsIgnored ? PushState.Ignored
                        : kinds[file.Path].IsLarge && actions[file.Sha256] is null ? PushState.Known
                        : PushState.Sent),
                kinds.TryGetValue(file.Path, out var kind) && kind.IsLarge)),
        ];
        observer?.Begin(told);
        await SendAsync(client, model, repository, large, actions, observer, cancellation);
        var commit = wanted.Count == 0 ? null
            : await repository.CommitAsync(push.Message, [.. wanted.Except(large)], large, cancellation);
        return new PushResult(client.AddressOf(model.Repository), commit, told);
    }

    private async Task SendAsync(
        HubClient client, HubReference model, HubRepository repository, SummedFile[] large,
        IReadOnlyDictionary<string, UploadAction?> actions, IPushObserver? observer, CancellationToken cancellation)
    {
        using var upload = new LargeUpload(client, options, model, repository, bytes => observer?.Sent(bytes));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Together.RunAsync(
            large.DistinctBy(file => file.Sha256).Where(file => actions[file.Sha256] is not null), stop,
            file => upload.RunAsync(file, actions[file.Sha256]!, stop.Token));
    }

    /// <summary>The state of a file that is not sent, whatever its kind; null for others.</summary>
    private static PushState? StateBefore(SummedFile file, IReadOnlyDictionary<string, HubFile> there, PushOptions push) =>
        !there.TryGetValue(file.Path, out var known) ? null
        : file.IsBlob(known.Blob) ? PushState.Unchanged
        : file.Path == Card && !push.ReplacesCard ? PushState.Kept
        : null;

    private void Check(HubReference model)
    {
        if (options.IsOffline)
        {
            throw new HubException($"HF_HUB_OFFLINE forbids to upload {model.Repository}.");
        }

        if (options.Token is null)
        {
            throw new HubException(
                $"A push to {options.Endpoint.Host} needs a token that may write: give it in HF_TOKEN, or with the hub's own tool in its "
                    + "token file.");
        }
    }
}
