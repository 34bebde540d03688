/** A file in base64, as JSON carries it. @throws {Error} it cannot be read. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => {
      const name = file instanceof File ? file.name : "The file";
      reject(new Error(`${name} cannot be read. Was it moved or changed? Give it again.`));
    };
    reader.readAsDataURL(file);
  });
}
