using System.Text.Unicode;

namespace Rebound.Jinja;

/// <summary>The text of a model's chat template, or of two: models may have one of their own for conversations with tools.</summary>
/// <param name="Default">The template that renders conversations.</param>
/// <param name="ToolUse">The one that renders those where tools are given; null where <paramref name="Default"/> does that too.</param>
public sealed record ChatTemplateText(string Default, string? ToolUse = null)
{
    /// <summary>The name of <see cref="ToolUse"/> where templates have names.</summary>
    public const string ToolUseName = "tool_use";

    /// <summary>The name of <see cref="Default"/> where templates have names.</summary>
    public const string DefaultName = "default";

    /// <summary>Reads the file of one template.</summary>
    /// <exception cref="ChatTemplateException">It is not UTF-8.</exception>
    public static string Load(string path)
    {
        if (!Utf8.IsValid(File.ReadAllBytes(path)))
        {
            throw new ChatTemplateException(ChatTemplateFault.Syntax, $"{path} is no UTF-8 text");
        }

        return File.ReadAllText(path);
    }
}
