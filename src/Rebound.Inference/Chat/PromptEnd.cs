namespace Rebound.Inference.Chat;

/// <summary>How the tokens of a conversation end, for the model to go on with.</summary>
public enum PromptEnd
{
    /// <summary>With what opens a turn of the model's.</summary>
    NewTurn,

    /// <summary>With the text of the last turn, which is the model's own and stays open.</summary>
    LastTurn,

    /// <summary>As the last turn ends; nothing is opened.</summary>
    Closed,
}
