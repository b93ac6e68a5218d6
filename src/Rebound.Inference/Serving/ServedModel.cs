using Rebound.Checkpoints;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Jinja;
using Rebound.Models;
using Rebound.Text;

namespace Rebound.Inference.Serving;

/// <summary>A model that requests name: the base, or the base beside an adapter.</summary>
public sealed class ServedModel : IDisposable
{
    private readonly ModelSource _source;
    private readonly Lazy<TokenTexts> _texts;
    private readonly ChatProfile?[] _reasoning = new ChatProfile?[2];
    private readonly Lock _lock = new();
    private int _requests;
    private Action? _whenIdle;

    /// <param name="name">As requests name it.</param>
    /// <param name="source">Owned from here on.</param>
    /// <param name="weights">Owned from here on.</param>
    /// <param name="base">The model beside which this one's adapter is; null for the base itself.</param>
    /// <exception cref="CheckpointException">Its files cannot be used.</exception>
    public ServedModel(string name, ModelSource source, LlamaModel weights, ServedModel? @base, DateTimeOffset loaded)
    {
        (Name, _source, Weights, Base, Loaded) = (name, source, weights, @base, loaded);
        var shares = @base is not null && @base.Tokenizer.Fingerprint == source.Tokenizer.Fingerprint;
        Tokenizer = shares ? @base!.Tokenizer : source.Tokenizer;
        Forms = shares ? @base!.Forms : new AnswerForms(Tokenizer);
        _texts = shares ? @base!._texts : new Lazy<TokenTexts>(() => new TokenTexts(Tokenizer));
        Sampling = OwnSampling.Read(source.GenerationConfigJson, source.Location)
            .Over(new SamplingOptions { Temperature = 1 });
        (Profile, ProfileProblem) = ProfileOf(source);
    }

    public string Name { get; }

    public LlamaModel Weights { get; }

    public ServedModel? Base { get; }

    public DateTimeOffset Loaded { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>How it takes conversations; null for a model that takes none.</summary>
    public ChatProfile? Profile { get; }

    /// <summary>Why it takes no conversations.</summary>
    public string? ProfileProblem { get; }

    /// <summary>How tokens are drawn where a request does not say: as the model's files say, and else as OpenAI's protocol.</summary>
    public SamplingOptions Sampling { get; }

    public AnswerForms Forms { get; }

    /// <summary>The texts of its tokens.</summary>
    public TokenTexts Texts => _texts.Value;

    /// <summary>The tokens that end a text.</summary>
    public IReadOnlyList<int> EndTokens => _source.EndTokenIds;

    public int ContextLength => Weights.Config.ContextLength;

    /// <summary>How it takes conversations where a request says whether it is to reason before it answers.</summary>
    /// <exception cref="ArgumentException">It takes none, or cannot be told so.</exception>
    public ChatProfile Reasoning(bool reasons) => _reasoning[reasons ? 1 : 0] ??= ChatProfile.Of(_source, reasons);

    /// <summary>A request begins that uses it; false where it is being unloaded.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            return _whenIdle is null && ++_requests > 0;
        }
    }

    /// <summary>A request that used it is over.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_requests == 0)
            {
                _whenIdle?.Invoke();
            }
        }
    }

    /// <summary>Lets no request begin any more.</summary>
    /// <param name="whenIdle">Called once, when those that run have ended.</param>
    public void Close(Action whenIdle)
    {
        lock (_lock)
        {
            _whenIdle = whenIdle;
            if (_requests == 0)
            {
                whenIdle();
            }
        }
    }

    public void Dispose()
    {
        Weights.Dispose();
        _source.Dispose();
    }

    private static (ChatProfile? Profile, string? Problem) ProfileOf(ModelSource source)
    {
        try
        {
            return (ChatProfile.Of(source), null);
        }
        catch (Exception e) when (e is ArgumentException or ChatTemplateException)
        {
            return (null, e.Message);
        }
    }
}
