namespace Rebound.Trajectories;

/// <summary>Whether a model is to reason before it answers, as options name it: true, false, and null for what it does by itself.</summary>
public static class ReasoningModes
{
    public const string On = "on";
    public const string Off = "off";

    /// <summary>The mode of training, or else the chat template's default.</summary>
    public const string Auto = "auto";

    public static string Name(bool? reasoning) => reasoning switch
    {
        true => On,
        false => Off,
        null => Auto,
    };

    /// <summary>The mode of a name; null for <see cref="Auto"/> and for none.</summary>
    public static bool? Find(string? name) => name switch
    {
        On => true,
        Off => false,
        _ => null,
    };
}
