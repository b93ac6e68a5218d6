using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Conversion;
using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Jinja;
using Rebound.Models;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Inference.Tests;

/// <summary>
/// What a model generates is what it is trained on: a random model of a real tokenizer draws tokens that tokenizing their text seldom
/// gives again.
/// </summary>
public sealed class GeneratedTokensTests : IDisposable
{
    private const string Folder = "models/smollm2-135m-instruct";

    private readonly CpuBackend _backend = new(1);
    private readonly Tokenizer _tokenizer = Tokenizer.Load(SharedData.Path(Folder));
    private readonly LlamaModel _weights;
    private readonly ChatProfile _profile;
    private readonly LocalChatModel _model;

    public GeneratedTokensTests()
    {
        var text = JsonNode.Parse(File.ReadAllText(SharedData.Path($"{Folder}/tokenizer_config.json")))!;
        var template = new ChatTemplateText((string)text["chat_template"]!);
        var renderer = Renderers.Create(ChatTemplateRenderer.RendererName, _tokenizer, template, "<|im_start|>", "<|im_end|>");
        Assert.True(_tokenizer.TryGetId(renderer.StopToken, out var stop));
        _weights = LlamaModel.Initialize(
            _backend,
            TinyModel.Config(change: json => (json["vocab_size"], json["max_position_embeddings"]) = (_tokenizer.VocabularySize, 1024)),
            seed: 7);
        _profile = new ChatProfile(null, renderer, [stop]);
        _model = new LocalChatModel(_weights, _tokenizer, _profile, 2);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _model.Dispose();
        _weights.Dispose();
        _backend.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Training_reads_what_generation_was_fed_and_learns_what_it_drew(bool streams)
    {
        var (again, taken) = (0, 0);
        for (var seed = 0; seed < 4; seed++)
        {
            var turns = new List<Turn>();
            for (var step = 0; step < 3; step++)
            {
                turns.Add(new Turn(Roles.User, $"Question {step}?", Loss: false));
                turns.Add(await AnswerAsync(turns, seed, streams));
            }

            var read = TrajectoryFile.ReadRow(
                JsonSerializer.SerializeToElement(new TrajectoryWriter(TrajectoryFormat.NatInstruct)
                    .Write(new Trajectory("1", turns, new Outcome(1, null), null, 1))), "rows", 1);
            var documents = _profile.Renderer.Render(Conversation.Of(read));

            foreach (var (index, turn) in turns.Index().Where(turn => turn.Item.Loss))
            {
                int[] fed = [.. _profile.Encode(turns[..index]), .. turn.Generated!.Ids];
                var document = Assert.Single(documents, document => document.Tokens.AsSpan().StartsWith(fed)
                    && document.Labels[fed.Length - 1] == fed[^1]);
                Assert.Equal(turn.Generated.Ids, document.Labels[(fed.Length - turn.Generated.Ids.Count)..fed.Length]);
                Assert.All(
                    document.LogProbabilities![(fed.Length - turn.Generated.Ids.Count)..fed.Length].Zip(turn.Generated.LogProbabilities),
                    pair => Assert.Equal(pair.Second, pair.First, 6e-5));
                again += _tokenizer.Encode(_tokenizer.Decode([.. turn.Generated.Ids])).SequenceEqual(turn.Generated.Ids) ? 0 : 1;
            }

            taken += documents.Sum(document => document.Sources.Generated);
        }

        Assert.Equal(12, taken);
        Assert.True(again > 3, $"{again} answers would have been tokenized otherwise");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Episodes_keep_the_tokens_unless_they_are_left_out(bool keeps)
    {
        var options = new EpisodeOptions { Temperature = 1, MaxOutputTokens = 20, Seed = 3, KeepsTokens = keeps };
        var runner = new EpisodeRunner(_model, new ToolSet(new CalculateTool()), new MathScorer(), options, TimeProvider.System);
        var question = new TaskQuestion(JsonValue.Create(5), "How much?", JsonValue.Create("4"));
        var prompt = BuiltInPrompts.Get("math");

        var episode = await runner.RunAsync(question, prompt.Ask(question.Question, prompt.Positive), Cancellation);

        Assert.Equal(keeps ? (int?)episode.OutputTokens : null, episode.Turns[0].Generated?.Ids.Count);
    }

    [Fact]
    public async Task A_turn_in_another_form_has_no_tokens()
    {
        var turn = await AnswerAsync([new Turn(Roles.User, "Why?", Loss: false)], seed: 1, streams: false);
        var trajectory = new Trajectory("1", [turn with { Content = "Thought: x\nAction: calculate[1]" }], new Outcome(1, null), null, 1);

        Assert.Null(NativeConversion.Convert(trajectory).Turns[0].Generated);
    }

    private async Task<Turn> AnswerAsync(IReadOnlyList<Turn> turns, long seed, bool streams)
    {
        ChatMessage[] messages = [.. turns.Select(ChatMessages.ToMessage)];
        var options = new ChatOptions { Temperature = 1, MaxOutputTokens = 24, Seed = seed };
        var response = streams
            ? await _model.GetStreamingResponseAsync(messages, options, Cancellation).ToChatResponseAsync(Cancellation)
            : await _model.GetResponseAsync(messages, options, Cancellation);
        var turn = ChatMessages.Said(Roles.Assistant, Assert.Single(response.Messages).Contents, loss: true);
        Assert.Equal(response.Text, turn.Content);
        Assert.Equal(response.Usage!.OutputTokenCount, turn.Generated!.Ids.Count);
        return turn;
    }
}
