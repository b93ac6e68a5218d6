using Rebound.Inference.Chat;
using Rebound.Text;

namespace Rebound.Inference.Serving;

/// <summary>A served model as far as it reads texts, without its weights.</summary>
public sealed class ModelText
{
    private readonly ServedModel _model;

    internal ModelText(ServedModel model) => _model = model;

    /// <summary>As requests name it.</summary>
    public string Name => _model.Name;

    public Tokenizer Tokenizer => _model.Tokenizer;

    /// <summary>How it takes conversations; null where it takes none.</summary>
    public ChatProfile? Profile => _model.Profile;

    /// <summary>Why it takes no conversations; null where it does.</summary>
    public string? Problem => _model.ProfileProblem;

    /// <summary>The text of a token by itself, in which parts of characters are replacement marks.</summary>
    public string TextOf(int token) => _model.Texts.Text(token);
}
