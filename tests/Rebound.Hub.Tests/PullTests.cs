using Rebound.Hub.Cache;
using Rebound.Testing;

namespace Rebound.Hub.Tests;

public sealed class PullTests : IDisposable
{
    private static readonly HubReference Model = HubReference.Find("owner/model")!;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_lies_in_the_cache_as_other_tools_have_it()
    {
        await using var hub = Hub();
        var (weights, seen) = (HubServer.Random(10_000, 1), 0L);

        var path = await new HubPull(Options(hub)).RunAsync(
            Model, "main", files => Assert.DoesNotContain(files, file => file.Path.EndsWith(".bin", StringComparison.Ordinal)),
            bytes => Interlocked.Add(ref seen, bytes), Cancellation);

        var root = _folder.File("cache/models--owner--model");
        Assert.Equal($"{root}/snapshots/{HubServer.Commit}", path);
        Assert.Equal(HubServer.Commit, await File.ReadAllTextAsync($"{root}/refs/main", Cancellation));
        Assert.Equal(
            ["README.md", "config.json", "model.safetensors", "tokenizer.json"],
            Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var link = new FileInfo($"{path}/model.safetensors");
        Assert.Equal($"../../blobs/{HubServer.BlobOf("model.safetensors", weights)}", link.LinkTarget);
        Assert.Equal(weights, await File.ReadAllBytesAsync(link.FullName, Cancellation));
        Assert.Equal(4, Directory.GetFiles($"{root}/blobs").Length);
        Assert.Equal(path, new HubCache(_folder.File("cache")).Find(Model));
        Assert.Equal(4 + 10_000 + 2 + 5, seen);
        Assert.Contains("model.safetensors bytes=3000-5999", hub.Requests);

        // All is there: nothing is asked for again.
        var asked = hub.Requests.Count;
        await new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation);
        Assert.Equal(asked, hub.Requests.Count);
    }

    [Fact]
    public async Task Connections_that_are_cut_are_gone_on_with()
    {
        await using var hub = Hub(new HubServer { CutAfter = 700 });

        var path = await new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation);

        Assert.Equal(HubServer.Random(10_000, 1), await File.ReadAllBytesAsync($"{path}/model.safetensors", Cancellation));
        Assert.Contains("model.safetensors bytes=700-2999", hub.Requests);
    }

    [Fact]
    public async Task A_pull_that_ended_is_gone_on_with_by_the_next()
    {
        await using var hub = Hub();
        using var stop = new CancellationTokenSource();
        var seen = 0L;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new HubPull(Options(hub) with { Connections = 1 }).RunAsync(
            Model, "main", null, bytes =>
            {
                if (Interlocked.Add(ref seen, bytes) > 5000)
                {
                    stop.Cancel();
                }
            }, stop.Token));
        var asked = hub.Requests.ToArray();

        var path = await new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation);

        Assert.Equal(HubServer.Random(10_000, 1), await File.ReadAllBytesAsync($"{path}/model.safetensors", Cancellation));
        Assert.DoesNotContain(hub.Requests.Skip(asked.Length), request => request == "model.safetensors bytes=0-2999");
    }

    [Fact]
    public async Task A_busy_hub_is_asked_again_when_it_says()
    {
        await using var hub = Hub(new HubServer { Busy = 2 });
        var clock = new PromptTime();

        await new HubPull(Options(hub) with { Clock = clock }).RunAsync(Model, "main", null, null, Cancellation);

        Assert.Equal(2, clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_not_to_where_it_sends()
    {
        await using var hub = Hub(new HubServer { Token = "hf_secret" });

        await new HubPull(Options(hub) with { Token = "hf_secret" }).RunAsync(Model, "main", null, null, Cancellation);
        var refused = await Assert.ThrowsAsync<HubException>(() => new HubPull(Options(hub) with { Token = "hf_other", Cache = _folder.File("other") })
            .RunAsync(Model, "main", null, null, Cancellation));

        Assert.Empty(hub.StoreTokens);
        Assert.Contains("There is no owner/model at 127.0.0.1, or it is private", refused.Message);
        Assert.DoesNotContain("hf_other", refused.Message);
    }

    [Fact]
    public async Task Contents_that_are_not_what_was_promised_get_no_name()
    {
        await using var hub = Hub();
        hub.IsWrong = true;

        var wrong = await Assert.ThrowsAsync<HubException>(() => new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation));

        Assert.Contains("is not what the hub says it is", wrong.Message);
        Assert.Null(new HubCache(_folder.File("cache")).Find(Model));
        hub.IsWrong = false;
        await new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation);
    }

    [Fact]
    public async Task A_file_that_changes_between_its_ranges_is_begun_again()
    {
        await using var hub = Hub();
        hub.IsChanging = true;

        var changed = await Assert.ThrowsAsync<HubException>(() => new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation));

        Assert.Contains("changed while it was downloaded", changed.Message);
        hub.IsChanging = false;
        await new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation);
    }

    [Theory]
    [InlineData(404, "RepoNotFound", "There is no owner/model at 127.0.0.1, or it is private: check the name, or give a token in HF_TOKEN")]
    [InlineData(404, "RevisionNotFound", "owner/model has no such revision.")]
    [InlineData(403, "GatedRepo", "owner/model is open to those alone who accepted its terms")]
    [InlineData(410, "", "127.0.0.1 answers 410 for owner/model.")]
    [InlineData(503, "", "owner/model could not be downloaded from 127.0.0.1 in 5 attempts: it answers 503.")]
    public async Task Refusals_are_sentences(int status, string code, string sentence)
    {
        await using var hub = Hub();
        hub.Error = (status, code);

        var refused = await Assert.ThrowsAsync<HubException>(() => new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation));

        Assert.StartsWith(sentence, refused.Message);
    }

    [Theory]
    [InlineData("owner/model:Q4_K_M", "model-Q4_K_M.gguf", null)]
    [InlineData("owner/model:q8_0", "model-Q8_0.gguf", null)]
    [InlineData("owner/model:model-Q8_0.gguf", "model-Q8_0.gguf", null)]
    [InlineData("owner/model", null, "owner/model has 2 GGUF files; choose one, for example owner/model:model-Q4_K_M.gguf.")]
    [InlineData("owner/model:Q2_K", null, "owner/model has no file 'Q2_K'; its GGUF files are model-Q4_K_M.gguf, model-Q8_0.gguf.")]
    [InlineData("owner/model:pytorch_model.bin", null, "pytorch_model.bin is a Python pickle")]
    public async Task Of_several_GGUF_files_one_is_chosen(string name, string? file, string? refusal)
    {
        await using var hub = new HubServer();
        hub.Add("model-Q4_K_M.gguf", HubServer.Random(100, 1));
        hub.Add("model-Q8_0.gguf", HubServer.Random(200, 2));
        hub.Add("pytorch_model.bin", [1]);
        var model = HubReference.Find(name)!;
        var pull = new HubPull(Options(hub)).RunAsync(model, "main", null, null, Cancellation);

        if (refusal is not null)
        {
            Assert.StartsWith(refusal, (await Assert.ThrowsAsync<HubException>(() => pull)).Message);
            return;
        }

        Assert.Equal(file, Path.GetFileName(await pull));
        Assert.Equal(await pull, new HubCache(_folder.File("cache")).Find(model));
    }

    [Fact]
    public async Task Offline_it_takes_what_is_there_and_asks_nobody()
    {
        await using var hub = Hub();
        var path = await new HubPull(Options(hub)).RunAsync(Model, "main", null, null, Cancellation);
        var offline = new HubPull(Options(hub) with { IsOffline = true, Endpoint = new Uri("http://127.0.0.1:9") });

        Assert.Equal(path, await offline.RunAsync(Model, "main", null, null, Cancellation));
        var absent = await Assert.ThrowsAsync<HubException>(
            () => offline.RunAsync(HubReference.Find("owner/another")!, "main", null, null, Cancellation));
        Assert.Contains("HF_HUB_OFFLINE forbids to download it", absent.Message);
    }

    [Fact]
    public void The_environment_says_where_all_is()
    {
        File.WriteAllText(_folder.File("token"), "hf_of_file\n");
        HubOptions Read(params (string Name, string Value)[] variables) =>
            HubOptions.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value, "/home/me");

        Assert.Equal("/home/me/.cache/huggingface/hub", Read().Cache);
        Assert.Equal(new Uri("https://huggingface.co"), Read().Endpoint);
        Assert.Equal("/x/huggingface/hub", Read(("XDG_CACHE_HOME", "/x")).Cache);
        Assert.Equal("/h/hub", Read(("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/x")).Cache);
        Assert.Equal("/c", Read(("HF_HUB_CACHE", "/c"), ("HF_HOME", "/h")).Cache);
        Assert.Equal("hf_of_file", Read(("HF_HOME", Path.GetDirectoryName(_folder.File("token"))!)).Token);
        Assert.Equal("hf_own", Read(("HF_TOKEN", "hf_own"), ("HF_TOKEN_PATH", _folder.File("token"))).Token);
        Assert.True(Read(("HF_HUB_OFFLINE", "1")).IsOffline);
        Assert.Contains("HF_ENDPOINT is 'nowhere'", Assert.Throws<ArgumentException>(() => Read(("HF_ENDPOINT", "nowhere"))).Message);
    }

    [Theory]
    [InlineData("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B", null)]
    [InlineData("hf.co/unsloth/Qwen3-GGUF:Q4_K_M", "unsloth/Qwen3-GGUF", "Q4_K_M")]
    [InlineData("https://huggingface.co/a/b", "a/b", null)]
    [InlineData("a/b:sub/file.gguf", "a/b", "sub/file.gguf")]
    [InlineData("a", null, null)]
    [InlineData("a/../b", null, null)]
    [InlineData("./a/b", null, null)]
    public void Names_are_told_from_paths(string text, string? repository, string? selector)
    {
        var found = HubReference.Find(text);

        Assert.Equal((repository, selector), (found?.Repository, found?.Selector));
    }

    private static HubServer Hub(HubServer? server = null)
    {
        server ??= new HubServer();
        server.Add("config.json", "{  }");
        server.Add("model.safetensors", HubServer.Random(10_000, 1));
        server.Add("pytorch_model.bin", HubServer.Random(10, 2));
        server.Add("tokenizer.json", "{}");
        server.Add("README.md", "# hi\n");
        server.Add("onnx/model.onnx", "x");
        return server;
    }

    private HubOptions Options(HubServer hub) => new()
    {
        Endpoint = hub.Address,
        Cache = _folder.File("cache"),
        RangeBytes = 3000,
        Clock = new PromptTime(),
    };
}
