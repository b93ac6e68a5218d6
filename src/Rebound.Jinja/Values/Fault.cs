namespace Rebound.Jinja.Values;

/// <summary>Makes the exceptions that evaluation throws; the renderer adds the line.</summary>
internal static class Fault
{
    public static ChatTemplateException Evaluation(string description) => new(ChatTemplateFault.Evaluation, description);

    public static ChatTemplateException Limit(string description) => new(ChatTemplateFault.Limit, description);

    public static ChatTemplateException NotIterable(object? value) =>
        Evaluation($"'{PythonType.NameOf(value)}' object is not iterable");
}
