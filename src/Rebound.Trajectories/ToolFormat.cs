namespace Rebound.Trajectories;

/// <summary>The form of an agent's tool calls.</summary>
public enum ToolFormat
{
    /// <summary>As text: <c>Thought: …</c> and <c>Action: tool[argument]</c> (Yao et al. 2023, arXiv 2210.03629).</summary>
    React,

    /// <summary>
    /// As calls of their own beside the text, with JSON arguments, in the form of the model's chat template or of its server.
    /// </summary>
    Native,
}

/// <summary>Formats as options and files name them.</summary>
public static class ToolFormats
{
    public const string React = "react";
    public const string Native = "native";

    /// <summary>The model's own: what it was trained with, and otherwise what its chat template can render.</summary>
    public const string Auto = "auto";

    public static string Name(this ToolFormat format) => format == ToolFormat.Native ? Native : React;

    /// <summary>The format of a name; null for <see cref="Auto"/> and for none.</summary>
    public static ToolFormat? Find(string? name) => name switch
    {
        React => ToolFormat.React,
        Native => ToolFormat.Native,
        _ => null,
    };
}
