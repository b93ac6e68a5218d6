using Rebound.Files;

namespace Rebound.Checkpoints;

/// <summary>Publishes a model's files into a folder that holds others too, such as a run's (<see cref="FolderPublication"/>).</summary>
public static class ModelPublication
{
    private static readonly FolderPublication Model = new(
        "model",
        [ModelFiles.Config, ModelFiles.AdapterConfig],
        ["*.safetensors", "*.safetensors.index.json", ModelFiles.GenerationConfig, .. TokenizerFiles.Names],
        [TokenizerFiles.TemplatesFolderName]);

    /// <summary>Whether a whole model is in a folder, be it on its way to its place.</summary>
    public static bool IsIn(string folder) => Model.IsIn(folder);

    /// <summary>Writes a model into a folder, where it takes the place of one that is there.</summary>
    /// <param name="write">Writes the files into the folder it is given.</param>
    /// <exception cref="IOException">The disk refuses. While files are written, a model that was there before is as it was.</exception>
    public static void Publish(string folder, Action<string> write) => Model.Publish(folder, write);

    /// <summary>Finishes a publication that an earlier process left complete but unnamed.</summary>
    /// <exception cref="IOException">The disk refuses; another call goes on from there.</exception>
    public static void Finish(string folder) => Model.Finish(folder);
}
