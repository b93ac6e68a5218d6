using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Hub.Tests;

public sealed class PushTests : IDisposable
{
    private const string Token = "hf_secret_of_mine";

    private static readonly HubReference Model = HubReference.Find("owner/model")!;
    private static readonly byte[] Weights = HubServer.Random(10_000, 1);
    private static readonly string WeightsOid = HubServer.BlobOf("model.safetensors", Weights);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task What_is_pushed_can_be_pulled(int partBytes)
    {
        await using var hub = Hub(new HubServer { Exists = false, PartBytes = partBytes, Token = Token });
        var seen = new Seen();

        var result = await new HubPush(Options(hub)).RunAsync(
            Model, Files(), new PushOptions { IsPrivate = true, Message = "First" }, seen, Cancellation);

        Assert.Equal(new Uri(hub.Address, "owner/model"), result.Address);
        Assert.Equal(hub.Head, result.Commit);
        Assert.True(hub.IsPrivate);
        Assert.Equal(
            [("README.md", PushState.Sent, false), ("config.json", PushState.Sent, false), ("model.safetensors", PushState.Sent, true)],
            result.Files.Select(file => (file.Path, file.State, file.IsLarge)));
        Assert.Equal((Weights.Length + 2 + 5, Weights.Length), (seen.ReadBytes, seen.SentBytes));
        Assert.Equal(partBytes == 0 ? ["0"] : ["1", "2", "3", "4"], hub.Puts.Select(put => put.Split('#')[1]).Order());
        Assert.Contains(hub.Asked, asked => asked.StartsWith("commit ", StringComparison.Ordinal) && asked.Contains("\"First\""));
        Assert.Empty(hub.StoreTokens);
        var pulled = await new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation);
        Assert.Equal(Weights, await File.ReadAllBytesAsync($"{pulled}/model.safetensors", Cancellation));
        Assert.Equal("{}", await File.ReadAllTextAsync($"{pulled}/config.json", Cancellation));
        Assert.Empty(Journals());

        // All is there: nothing is sent again, and no commit is made.
        var again = await new HubPush(Options(hub)).RunAsync(Model, Files(), new PushOptions(), seen, Cancellation);
        Assert.Null(again.Commit);
        Assert.All(again.Files, file => Assert.Equal(PushState.Unchanged, file.State));
        Assert.Equal((1, Weights.Length), (hub.Commits, seen.SentBytes));
    }

    [Fact]
    public async Task A_content_that_the_hub_knows_gets_its_name_alone()
    {
        await using var hub = Hub();
        await Push(hub);
        var sent = hub.Puts.Count;

        var result = await new HubPush(Options(hub)).RunAsync(
            Model, [PushFile.OfBytes("copy.safetensors", Weights), PushFile.OfBytes("empty.safetensors", [])], new PushOptions(), null,
            Cancellation);

        Assert.Equal([PushState.Known, PushState.Sent], result.Files.Select(file => file.State));
        Assert.Equal(sent, hub.Puts.Count);
        Assert.Equal(Weights, hub.Files["copy.safetensors"]);
        Assert.Empty(hub.Files["empty.safetensors"]);
    }

    [Fact]
    public async Task A_push_that_ended_is_gone_on_with_by_the_next()
    {
        await using var hub = Hub(new HubServer { PartBytes = 1000 });
        using var stop = new CancellationTokenSource();
        hub.OnPut = () =>
        {
            if (hub.Puts.Count == 4)
            {
                stop.Cancel();
            }
        };
        var options = Options(hub) with { Connections = 1 };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new HubPush(options).RunAsync(Model, Files(), new PushOptions(), null, stop.Token));
        var kept = (JsonArray)JsonNode.Parse(await File.ReadAllTextAsync(Assert.Single(Journals()), Cancellation))!["etags"]!;
        var seen = new Seen();
        hub.OnPut = null;

        await new HubPush(options).RunAsync(Model, Files(), new PushOptions(), seen, Cancellation);

        var there = kept.Count(mark => mark is not null);
        Assert.InRange(there, 3, 4);
        Assert.Equal(4 + 10 - there, hub.Puts.Count);
        Assert.Equal(Weights, hub.Files["model.safetensors"]);
        Assert.Equal(Weights.Length, seen.SentBytes);
        Assert.Empty(Journals());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(_folder.File("uploads/owner--model")));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task Connections_that_are_cut_and_faults_are_tried_again(int partBytes)
    {
        await using var hub = Hub(new HubServer { PartBytes = partBytes, FailedPuts = 2, CutCommits = 1 });
        await using var relay = new CuttingRelay(hub.StoreAddress, cuts: 2, bytes: 900);
        hub.StoreRelay = relay.Address;
        var seen = new Seen();

        var result = await Push(hub, seen);

        Assert.Equal(Weights, hub.Files["model.safetensors"]);
        Assert.Equal((1, hub.Head), (hub.Commits, result.Commit));
        Assert.Equal(Weights.Length, seen.SentBytes);
        Assert.True(relay.Cuts <= 0);
    }

    [Fact]
    public async Task A_busy_hub_is_asked_again_when_it_says()
    {
        await using var hub = Hub(new HubServer { BusyAsks = 2 });
        var clock = new PromptTime();

        await new HubPush(Options(hub) with { Clock = clock }).RunAsync(Model, Files(), new PushOptions(), null, Cancellation);

        Assert.Equal(2, clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(7)));
    }

    [Theory]
    [InlineData(false, 13)]
    [InlineData(true, 10)]
    public async Task Addresses_that_expire_are_asked_for_anew(bool keepsUploads, int puts)
    {
        await using var hub = Hub(new HubServer { PartBytes = 1000, ExpiresAfter = 3, KeepsUploads = keepsUploads });
        var seen = new Seen();

        await new HubPush(Options(hub) with { Connections = 1 }).RunAsync(Model, Files(), new PushOptions(), seen, Cancellation);

        Assert.Equal(Weights, hub.Files["model.safetensors"]);
        Assert.Equal(puts, hub.Puts.Count);
        Assert.Equal(Weights.Length, seen.SentBytes);
    }

    [Fact]
    public async Task Parts_with_wrong_marks_and_contents_that_arrive_wrong_are_sent_again()
    {
        await using var hub = Hub(new HubServer { PartBytes = 6000, WrongMarks = 1, Mismatches = 1 });
        var seen = new Seen();

        await Push(hub, seen);

        Assert.Equal(Weights, hub.Files["model.safetensors"]);
        Assert.Equal((6, Weights.Length), (hub.Puts.Count, seen.SentBytes));
    }

    [Fact]
    public async Task A_content_that_never_arrives_right_is_said_and_named_by_nothing()
    {
        await using var hub = Hub(new HubServer { Mismatches = 100 });

        var wrong = await Assert.ThrowsAsync<HubException>(() => Push(hub));

        Assert.Equal(
            "model.safetensors could not be uploaded to 127.0.0.1: 127.0.0.1 refuses the content (422, The checksum of the object "
                + "is another one). The next push tries again.",
            wrong.Message);
        Assert.Equal((3, 0), (hub.Puts.Count, hub.Commits));
    }

    [Fact]
    public async Task A_storage_without_marks_is_said()
    {
        await using var hub = Hub(new HubServer { PartBytes = 3000, GivesNoMarks = true });

        var without = await Assert.ThrowsAsync<HubException>(() => Push(hub));

        Assert.StartsWith(
            "model.safetensors could not be uploaded to 127.0.0.1 in 5 attempts: it took a part and gave it no mark (ETag).", without.Message);
    }

    [Theory]
    [InlineData("create", 401, "Invalid credentials", "127.0.0.1 does not know the token (401)")]
    [InlineData("create", 403, "You don't have the rights", "127.0.0.1 does not let the token write to owner/model (403)")]
    [InlineData("create", 409, "You already created", "The name owner/model is taken at 127.0.0.1")]
    [InlineData("create", 400, "Bad name", "127.0.0.1 refuses the name of owner/model (400). It says: Bad name.")]
    [InlineData("preupload", 403, "No hf_secret_of_mine", "127.0.0.1 does not let the token write to owner/model (403)")]
    [InlineData("object", 422, "Too large", "127.0.0.1 refuses model.safetensors. It says: Too large.")]
    [InlineData("commit", 400, "Bad card:\nlicense", "127.0.0.1 refuses the commit of owner/model (400). It says: Bad card: license.")]
    [InlineData("commit", 500, "", "The commit of owner/model could not be uploaded to 127.0.0.1 in 5 attempts: it answers 500.")]
    public async Task Refusals_are_sentences(string step, int status, string reason, string sentence)
    {
        await using var hub = Hub(new HubServer { Exists = step != "create", Refusal = (step, status, reason) });

        var refused = await Assert.ThrowsAsync<HubException>(() => Push(hub));

        Assert.StartsWith(sentence, refused.Message);
        Assert.DoesNotContain(Token, refused.Message);
        Assert.Equal(0, hub.Commits);
    }

    [Fact]
    public async Task Without_a_token_and_offline_nobody_is_asked()
    {
        await using var hub = Hub();

        var without = await Assert.ThrowsAsync<HubException>(() => Push(hub, options => options with { Token = null }));
        var offline = await Assert.ThrowsAsync<HubException>(() => Push(hub, options => options with { IsOffline = true }));

        Assert.StartsWith("A push to 127.0.0.1 needs a token that may write: give it in HF_TOKEN", without.Message);
        Assert.Equal("HF_HUB_OFFLINE forbids to upload owner/model.", offline.Message);
        Assert.Empty(hub.Asked);
    }

    [Fact]
    public async Task What_is_asked_to_be_private_does_not_go_where_everybody_sees_it()
    {
        await using var hub = Hub();

        var seen = await Assert.ThrowsAsync<HubException>(() => new HubPush(Options(hub)).RunAsync(
            Model, Files(), new PushOptions { IsPrivate = true }, null, Cancellation));

        Assert.StartsWith("owner/model is there already, and everybody can see it: make it private in its settings", seen.Message);
        Assert.Empty(hub.Asked);
    }

    [Fact]
    public async Task A_card_that_is_there_stays_unless_it_is_to_be_replaced()
    {
        await using var hub = Hub(new HubServer { Ignored = "config.json" });
        hub.Add("README.md", "# Written by hand\n");

        var kept = await Push(hub);
        Assert.Equal(PushState.Kept, kept.Files.Single(file => file.Path == "README.md").State);
        Assert.Equal(PushState.Ignored, kept.Files.Single(file => file.Path == "config.json").State);
        Assert.Equal("# Written by hand\n"u8, hub.Files["README.md"]);

        await new HubPush(Options(hub)).RunAsync(Model, Files(), new PushOptions { ReplacesCard = true }, null, Cancellation);
        Assert.Equal("# hi\n"u8, hub.Files["README.md"]);
        Assert.False(hub.Files.ContainsKey("config.json"));
    }

    [Fact]
    public async Task A_branch_that_is_not_there_is_made()
    {
        await using var hub = Hub();
        hub.AbsentBranches["better/try"] = true;

        await new HubPush(Options(hub)).RunAsync(Model, Files(), new PushOptions { Revision = "better/try" }, null, Cancellation);

        Assert.Equal(["branch", "preupload", "batch", "verify", "commit"], hub.Asked.Select(asked => asked.Split(' ')[0]));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_pushed_is_not_named()
    {
        await using var hub = Hub(new HubServer { PartBytes = 3000 });
        var weights = _folder.File("model.safetensors");
        hub.OnPut = () => File.AppendAllText(weights, "more");

        var changed = await Assert.ThrowsAsync<HubException>(
            () => new HubPush(Options(hub) with { Connections = 1 }).RunAsync(Model, Files(), new PushOptions(), null, Cancellation));

        Assert.EndsWith("changed while it was pushed: push again when it is whole.", changed.Message);
        Assert.Equal(0, hub.Commits);
    }

    private static HubServer Hub(HubServer? server = null) => server ?? new HubServer();

    private PushFile[] Files()
    {
        var weights = _folder.File("model.safetensors");
        if (!File.Exists(weights))
        {
            File.WriteAllBytes(weights, Weights);
        }

        return
        [
            PushFile.OfBytes("README.md", "# hi\n"u8.ToArray()), PushFile.OfBytes("config.json", "{}"u8.ToArray()),
            PushFile.OfFile("model.safetensors", weights),
        ];
    }

    private Task<PushResult> Push(HubServer hub, IPushObserver? observer = null) =>
        new HubPush(Options(hub)).RunAsync(Model, Files(), new PushOptions(), observer, Cancellation);

    private Task<PushResult> Push(HubServer hub, Func<HubOptions, HubOptions> change) =>
        new HubPush(change(Options(hub))).RunAsync(Model, Files(), new PushOptions(), null, Cancellation);

    private string[] Journals() => Directory.Exists(_folder.File("uploads"))
        ? Directory.GetFiles(_folder.File("uploads"), "*.json", SearchOption.AllDirectories) : [];

    private HubOptions Options(HubServer hub) => new()
    {
        Endpoint = hub.Address,
        Cache = _folder.File("cache"),
        Uploads = _folder.File("uploads"),
        Token = Token,
        Clock = new PromptTime(),
    };

    private sealed class Seen : IPushObserver
    {
        private long _read;
        private long _sent;

        public long ReadBytes => _read;

        public long SentBytes => _sent;

        public void Read(long bytes) => Interlocked.Add(ref _read, bytes);

        public void Begin(IReadOnlyList<PushedFile> files)
        {
        }

        public void Sent(long bytes) => Interlocked.Add(ref _sent, bytes);
    }
}
